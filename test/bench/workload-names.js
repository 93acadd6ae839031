'use strict';

const DTYPES = ['float', 'double', 'c10::Half', 'c10::BFloat16', 'int', 'long'];
const OPERATORS = ['Add', 'Mul', 'Sub', 'Div', 'Relu', 'Gelu', 'Silu', 'Tanh', 'Sigmoid', 'Softmax', 'LayerNorm', 'Dropout'];
const TILES = ['128x64', '128x128', '256x64', '64x64', '256x128', '32x32'];
const ARCHITECTURES = ['volta', 'turing', 'ampere', 'sm80', 'sm90'];
const COLLECTIVES = ['AllReduce', 'AllGather', 'ReduceScatter', 'Broadcast'];
const PROTOCOLS = ['RING_LL', 'RING_LL128', 'RING_SIMPLE', 'TREE_LL', 'NVLS_SIMPLE'];

/** Ways in which kernels are named: templates, BLAS, collectives and compilers, like in real traces. */
const KERNEL_PATTERNS = [
  (random) => `void at::native::vectorized_elementwise_kernel<4, ${random.pick(OPERATORS)}Functor<${random.pick(DTYPES)}>>`,
  (random) => `void at::native::reduce_kernel<512, ${random.pick([1, 2, 4])}, ReduceOp<${random.pick(DTYPES)}, ${random.pick(OPERATORS)}Ops>>`,
  (random) => `${random.pick(ARCHITECTURES)}_sgemm_${random.pick(TILES)}_${random.pick(['nn', 'nt', 'tn', 'tt'])}`,
  (random) => `${random.pick(ARCHITECTURES)}_fp16_s16816gemm_fp16_${random.pick(TILES)}_ldg8_f2f_stages_${random.pick([32, 64])}x${random.pick([3, 4, 5])}_tn`,
  (random) => `ncclDevKernel_${random.pick(COLLECTIVES)}_${random.pick(['Sum_f32', 'Sum_f16', 'Sum_bf16', 'Max_f32'])}_${random.pick(PROTOCOLS)}`,
  (random) => `triton_${random.pick(['poi', 'red', 'per'])}_fused_${random.pick(OPERATORS).toLowerCase()}_${random.pick(OPERATORS).toLowerCase()}_${random.below(100)}`,
  (random) => `void flash_fwd_kernel<Flash_fwd_kernel_traits<${random.pick([32, 64, 96, 128])}, ${random.pick([64, 128])}, ${random.pick([32, 64])}, 4, ${random.pick(DTYPES)}>>`,
  (random) => `void cub::DeviceRadixSortOnesweepKernel<Policy${random.pick([600, 700, 800, 900])}, ${random.pick(DTYPES)}, long>`,
];

const NAMESPACES = ['aten', 'c10d', 'nccl', 'torchvision', 'autograd'];
const VERBS = ['linear', 'matmul', 'convolution', 'batch_norm', 'embedding', 'copy_', 'add_', 'index_select', 'softmax', 'dropout'];
const VARIANTS = ['', '_backward', '_out', '_inplace', '_cudnn'];
const REGIONS = ['forward', 'backward', 'optimizer', 'dataloader', 'checkpoint'];

/**
 * @param {import('./random').Random} random
 * @param {number} count
 * @param {(random: import('./random').Random) => string} make
 * @returns {string[]} distinct names of 20 to 80 characters, or shorter ones where `make` gives only those
 */
function distinct(random, count, make) {
  const names = new Set();
  while (names.size < count) {
    const name = make(random);
    if (name.length <= 80) names.add(name);
  }
  return [...names];
}

/** @param {import('./random').Random} random @param {number} count */
function kernelNames(random, count) {
  return distinct(random, count, () => {
    const name = random.pick(KERNEL_PATTERNS)(random);
    return name.length >= 20 ? name : `${name}_splitK_kernel`;
  });
}

/** @param {import('./random').Random} random @param {number} count */
function operatorNames(random, count) {
  return distinct(random, count, () => `${random.pick(NAMESPACES)}::${random.pick(VERBS)}${random.pick(VARIANTS)}`);
}

/** @param {import('./random').Random} random @param {number} count */
function markerNames(random, count) {
  return distinct(random, count, () => `${random.pick(REGIONS)}.layer${random.below(24)}`);
}

module.exports = { kernelNames, operatorNames, markerNames };

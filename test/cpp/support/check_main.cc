// Compiled into each program of tests and not into the library of what tests share: the benchmark has a main() of its
// own.

#include "check.h"

int main(int argc, char** argv) { return tracesmith::test::RunTests(argc, argv); }

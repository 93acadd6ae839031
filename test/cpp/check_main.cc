// Apart from check.cc, so that a program with a main() of its own can use the rest.

#include "check.h"

int main(int argc, char** argv) { return tracesmith::test::RunTests(argc, argv); }

// libfuzzer_main.cc: the entry point that libFuzzer calls.
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    relais::fuzz::accepts({data, size});
    return 0;
}

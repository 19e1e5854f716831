// structured_main.cc: what libFuzzer calls to change an input of a target that has a structure:
// its own changes and ours in turn.
#include "tests/fuzz/changes.h"

#include <cstring>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned seed);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned seed) {
    relais::test::SeededRandom random(seed);
    if (random.one_in(3)) return LLVMFuzzerMutate(data, size, size_max);
    relais::Bytes bytes = relais::fuzz::changed({data, size}, random);
    while (random.one_in(2)) bytes = relais::fuzz::changed(bytes, random);
    if (bytes.size() > size_max) return LLVMFuzzerMutate(data, size, size_max);
    std::memcpy(data, bytes.data(), bytes.size());
    return bytes.size();
}

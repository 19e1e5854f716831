// vectors.h: reads tests/data/identifiers/vectors.json, the recomputed examples of every
// identifier.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace relais {

inline nlohmann::json read_vectors() {
    std::ifstream file(RELAIS_TEST_DATA "/identifiers/vectors.json");
    EXPECT_TRUE(file.good()) << "tests/data/identifiers/vectors.json is missing";
    return nlohmann::json::parse(file);
}

}  // namespace relais

// examples.h: the worked examples of docs/formats.md, which tests/data/examples/make.py made with
// stock tools: the C++ has to come to the same values.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/codecs/codecs.h"
#include "core/crypto/p256.h"

namespace relais::test {

// tests/data/examples/examples.json, read once.
[[nodiscard]] const nlohmann::json& examples();
// A file beside it.
[[nodiscard]] std::string example_file(const std::string& name);

// The value at a JSON pointer, "/header/bytes".
[[nodiscard]] std::string text_at(const std::string& pointer);
[[nodiscard]] Bytes bytes_at(const std::string& pointer);
[[nodiscard]] Secret secret_at(const std::string& pointer);
// A private key of "/keys".
[[nodiscard]] P256Key key_named(const std::string& name);

template <typename Id>
Id id_at(const std::string& pointer) {
    return Id::from(bytes_at(pointer));
}

}  // namespace relais::test

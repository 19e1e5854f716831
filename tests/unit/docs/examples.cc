#include "tests/unit/docs/examples.h"

#include <fstream>
#include <sstream>

namespace relais::test {

std::string example_file(const std::string& name) {
    std::ifstream stream(std::string(RELAIS_TEST_DATA) + "/examples/" + name, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

const nlohmann::json& examples() {
    static const nlohmann::json all = nlohmann::json::parse(example_file("examples.json"));
    return all;
}

std::string text_at(const std::string& pointer) {
    return examples().at(nlohmann::json::json_pointer(pointer)).get<std::string>();
}

Bytes bytes_at(const std::string& pointer) { return parse_hex(text_at(pointer)).value(); }

Secret secret_at(const std::string& pointer) { return Secret::copy_of(bytes_at(pointer)); }

P256Key key_named(const std::string& name) {
    return P256Key::from_scalar(secret_at("/keys/" + name + "/scalar")).value();
}

}  // namespace relais::test

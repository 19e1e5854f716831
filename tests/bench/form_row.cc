// form_row.cc: what judging a form costs whoever sends or reads it: the record of an admission,
// with identity, conditions and lists, beside the checks of signatures that a message costs anyway.
// One core, without the code lists of a pack, which each look up in a table.
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>

#include "schemas/compiler/compiler.h"
#include "schemas/forms/forms.h"
#include "schemas/workflow/kind.h"
#include "tests/bench/references.h"
#include "tests/bench/row_list.h"
#include "tests/process/support/must.h"

namespace relais::bench {

namespace {

using nlohmann::json;
using test::must;

constexpr const char* kKind = RELAIS_SOURCE_DIR "/schemas/kinds/admission";
constexpr int kVerifications = 10;
constexpr double kMicro = 1e6;

std::size_t answers_in(const json& value) {
    if (!value.is_structured()) return 1;
    std::size_t count = 0;
    for (const json& inner : value) count += answers_in(inner);
    return count;
}

// The form of the act `deposit`, filled as its example is.
struct Filled {
    forms::FormSchema schema = load();
    json values = json::parse(std::ifstream(std::string(kKind) + "/examples/deposit.json"));
    Bytes bytes = encode();

    static forms::FormSchema load() {
        const auto kind = must(workflow::Kind::load(must(compiler::compile_kind(kKind))));
        return must(forms::FormSchema::load(kind.form("Dossier")->schema));
    }
    [[nodiscard]] Bytes encode() const {
        forms::Findings findings;
        return must(forms::encode(schema, values, InsEnvironment::test, findings));
    }
};

// Microseconds each time.
template <typename Work>
double micros(int times, Work work) {
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) work();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    return kMicro * took.count() / times;
}

std::vector<Figure> measure_form(const Effort& effort) {
    const Filled filled;
    const std::string answers = std::to_string(answers_in(filled.values)) + " answers";
    const std::string reference = "ten P-256 verifications, OpenSSL alone";
    Figure sent{"form",
                "a form of " + answers + " judged as its sender does, from JSON",
                "us",
                reference,
                Target::ratio_at_most,
                1};
    Figure read{"form-read",
                "the same read from its bytes and judged, as its reader does",
                "us",
                reference,
                Target::ratio_at_most,
                1};
    const int times = static_cast<int>(effort.of(2000, 20));
    forms::Findings findings;
    for (int run = 0; run < effort.runs; ++run) {
        const double ten = kVerifications * kMicro * verification_seconds(times);
        sent.samples.push_back({micros(times,
                                       [&] {
                                           must(forms::check(filled.schema, filled.values,
                                                             InsEnvironment::test, findings));
                                       }),
                                ten});
        read.samples.push_back({micros(times,
                                       [&] {
                                           must(forms::decode(filled.schema, filled.bytes,
                                                              InsEnvironment::test, findings));
                                       }),
                                ten});
        tell_run(sent);
        tell_run(read);
    }
    return {std::move(sent), std::move(read)};
}

}  // namespace

std::vector<Row> form_rows() {
    return {{"form", "judging a form of some sixty answers beside ten P-256 verifications",
             measure_form}};
}

}  // namespace relais::bench

// parts.cc: the parts alone, one core, by Google Benchmark: sealing and opening beside the bare
// operations, parsing, frames, proofs.
#include <benchmark/benchmark.h>

#include <cmath>
#include <map>

#include "clients/station/seal/content.h"
#include "clients/station/seal/envelope_seal.h"
#include "core/base/system.h"
#include "core/merkle/prover.h"
#include "core/merkle/tree.h"
#include "schemas/envelope/envelope.h"
#include "schemas/wire/frame.h"
#include "tests/bench/bare_crypto.h"
#include "tests/bench/notes.h"
#include "tests/bench/row_list.h"

namespace relais::bench {

namespace {

using test::must;

constexpr std::size_t kPayloadBytes = 900;  // padded to kPaddedBytes
constexpr int kBoxes = 2;                   // the sender's and one recipient's

// What the parts work on, made once.
struct Material {
    SystemRandom random;
    test::SeededRandom seeded{7};
    P256Key epoch = P256Key::generate();
    Address mailbox = test::address("poste-1.ch-banc@indre");
    Bytes payload = Bytes(kPayloadBytes, 'a');
    Digest header = seeded.make<Digest>();
    Secret content_key = seal::make_content_key(random);
    seal::PaddedContent padded = must(seal::pad_content(payload, random));
    Bytes content = seal::encrypt_content(content_key, header, padded.bytes);
    KeyBox box = seal_box(1);
    Domain domain{{.producers = 1, .posts = 1}};
    Bytes envelope =
        Correspondence(domain, domain.producers[0], {domain.posts[0].mailbox}, Lane::urgent)
            .notes(1, 1)[0];
    Bytes header_bytes = to_bytes(must(Envelope::parse(envelope)).header_bytes());
    Bytes frame = wire::encode_frame({1, wire::Submit{envelope}});

    KeyBox seal_box(std::uint16_t position) {
        return must(seal::seal_box(content_key, header, position, mailbox, {1}, epoch.public_key(),
                                   Release::at_once));
    }
};
Material& material() {
    static Material made;
    return made;
}

void seal_content(benchmark::State& state) {
    Material& m = material();
    for (auto _ : state) {
        const auto padded = must(seal::pad_content(m.payload, m.random));
        const Secret key = seal::make_content_key(m.random);
        for (std::uint8_t i = 0; i < kBoxes; ++i) {
            benchmark::DoNotOptimize(must(seal::seal_box(key, m.header, i, m.mailbox, {1},
                                                         m.epoch.public_key(), Release::at_once)));
        }
        benchmark::DoNotOptimize(seal::encrypt_content(key, m.header, padded.bytes));
    }
}
void open_content(benchmark::State& state) {
    Material& m = material();
    for (auto _ : state) {
        const Secret key = must(seal::open_box(m.box, m.header, m.mailbox, m.epoch));
        benchmark::DoNotOptimize(
            must(seal::decrypt_content(key, m.header, m.content, m.padded.digest)));
    }
}
void bare_seal(benchmark::State& state) {
    BareCrypto bare(kPaddedBytes);
    for (auto _ : state) bare.seal(kBoxes);
}
void bare_open(benchmark::State& state) {
    BareCrypto bare(kPaddedBytes);
    for (auto _ : state) bare.open();
}

void envelope_parse(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(must(Envelope::parse(material().envelope)));
}
void digest_of_header(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(header_digest(material().header_bytes));
}
void frame_encode(benchmark::State& state) {
    const wire::Frame frame{1, wire::Submit{material().envelope}};
    for (auto _ : state) benchmark::DoNotOptimize(wire::encode_frame(frame));
}
void frame_parse(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(must(wire::parse_frame(material().frame)));
}

// A log of leaves that are all alike, of any size: what a hash is changes neither the length of a
// proof nor the work, and each tile is one hash 256 times.
class AlikeTiles final : public merkle::TileReader {
public:
    AlikeTiles() {
        Digest hash = merkle::leaf_hash(as_bytes("leaf"));
        for (unsigned level = 0; level < merkle::kTileLevels; ++level) {
            levels_.push_back(hash);
            for (unsigned i = 0; i < merkle::kTileHeight; ++i) hash = merkle::node_hash(hash, hash);
        }
    }
    Result<std::vector<Digest>> tile(unsigned level, std::uint64_t, std::size_t width) override {
        return std::vector<Digest>(width, levels_[level]);
    }
    [[nodiscard]] const Digest& leaf() const { return levels_[0]; }

private:
    std::vector<Digest> levels_;
};

void inclusion(benchmark::State& state) {
    AlikeTiles tiles;
    const auto size = static_cast<std::uint64_t>(state.range(0));
    const Digest root = must(merkle::root_at(tiles, size));
    std::size_t hashes = 0;
    for (auto _ : state) {
        const auto proof = must(merkle::inclusion_proof(tiles, size / 3, size));
        must(merkle::verify_inclusion(tiles.leaf(), size / 3, size, proof, root));
        hashes = proof.size();
    }
    state.counters["hashes"] = static_cast<double>(hashes);
}

// Keeps what each run of each benchmark gave: microseconds, and counters.
class Collector final : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& report) override {
        for (const Run& run : report) {
            if (run.run_type != Run::RT_Iteration) continue;
            micros[run.run_name.function_name + "/" + run.run_name.args].push_back(
                run.GetAdjustedCPUTime());
            const auto hashes = run.counters.find("hashes");
            if (hashes != run.counters.end()) counted[run.run_name.args] = hashes->second;
        }
    }
    std::map<std::string, std::vector<double>> micros;
    std::map<std::string, double> counted;
};

using Part = void (*)(benchmark::State&);

Collector run_parts(const Effort& effort, const std::vector<std::pair<const char*, Part>>& parts,
                    const std::vector<std::int64_t>& sizes = {}) {
    benchmark::ClearRegisteredBenchmarks();
    for (const auto& [name, part] : parts) {
        auto* registered = benchmark::RegisterBenchmark(name, part);
        registered->Unit(benchmark::kMicrosecond)->Repetitions(effort.runs);
        registered->MinTime(effort.quick ? 0.001 : 0.3);
        for (const std::int64_t size : sizes) registered->Arg(size);
    }
    Collector collector;
    benchmark::RunSpecifiedBenchmarks(&collector);
    return collector;
}

// Operations a second of two parts, run by run.
Figure beside(Figure figure, const std::vector<double>& own, const std::vector<double>& bare) {
    for (std::size_t i = 0; i < own.size(); ++i) {
        figure.samples.push_back({1e6 / own[i], 1e6 / bare[i]});
    }
    tell_run(figure);
    return figure;
}

std::vector<Figure> measure_sealing(const Effort& effort) {
    auto got = run_parts(effort, {{"seal", seal_content},
                                  {"bare_seal", bare_seal},
                                  {"open", open_content},
                                  {"bare_open", bare_open}});
    return {beside({"sealing", "1 KiB of content and two key boxes, per core", "/s",
                    "the same ECDH, HMAC, AES-GCM and SHA-256", Target::ratio_at_least, 0.8},
                   got.micros["seal/"], got.micros["bare_seal/"]),
            beside({"opening", "one key box and 1 KiB of content, per core", "/s",
                    "the same ECDH, HMAC, AES-GCM and SHA-256", Target::ratio_at_least, 0.8},
                   got.micros["open/"], got.micros["bare_open/"])};
}

std::vector<Figure> measure_proofs(const Effort& effort) {
    auto got = run_parts(effort, {{"inclusion", inclusion}}, {1000, 100'000, 10'000'000});
    std::vector<Figure> figures;
    for (const auto& [size, hashes] : got.counted) {
        const double depth = std::ceil(std::log2(std::stod(size)));
        Figure figure{"proof-" + size,
                      "hashes of a proof among " + size + " leaves",
                      "hashes",
                      "logarithm of the leaves",
                      Target::ratio_at_most,
                      1};
        figure.samples.push_back({hashes, depth});
        char text[80];
        std::snprintf(text, sizeof text, "%.1f us to make and check it",
                      spread_of(got.micros["inclusion/" + size]).median);
        figure.remark = text;
        tell_run(figure);
        figures.push_back(std::move(figure));
    }
    return figures;
}

std::vector<Figure> measure_parts(const Effort& effort) {
    const std::vector<std::pair<const char*, Part>> parts = {{"envelope_parse", envelope_parse},
                                                             {"header_digest", digest_of_header},
                                                             {"frame_encode", frame_encode},
                                                             {"frame_parse", frame_parse}};
    auto got = run_parts(effort, parts);
    std::vector<Figure> figures;
    for (const auto& [name, part] : parts) {
        Figure figure{name, std::string(name) + " of a note", "us", "", Target::none, 0};
        for (const double each : got.micros[std::string(name) + "/"]) {
            figure.samples.push_back({each, 0});
        }
        tell_run(figure);
        figures.push_back(std::move(figure));
    }
    return figures;
}

}  // namespace

std::vector<Row> part_rows() {
    return {{"sealing", "sealing and opening beside the bare operations", measure_sealing},
            {"proofs", "the length of proofs as the log grows", measure_proofs},
            {"parts", "parsing and frames", measure_parts}};
}

}  // namespace relais::bench

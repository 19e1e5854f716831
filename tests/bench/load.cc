#include "tests/bench/load.h"

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "clients/station/seal/content.h"
#include "clients/station/seal/envelope_seal.h"

namespace relais::bench {

namespace {

using Clock = std::chrono::steady_clock;
using test::fail_test;
using test::must;

constexpr std::chrono::milliseconds kStep{20};
constexpr std::chrono::seconds kGuard{120};
constexpr std::size_t kPayloadBytes = 900;  // padded to 1 KiB

// One connection that counts the answers to what it sent.
class Connection {
public:
    explicit Connection(std::unique_ptr<station::Link> link) : link_(std::move(link)) {
        while (!connected_) turn(kStep);
        send(wire::Hello{wire::kProtocolVersion, "bench"});
        while (answered_ < 1) turn(kStep);
    }

    void send(wire::Body body) {
        if (!link_->send(wire::encode_frame({++sent_, std::move(body)}))) {
            fail_test("the link takes no more");
        }
    }
    void turn(std::chrono::milliseconds patience) {
        if (Clock::now() > guard_) fail_test("the broker says nothing");
        const auto arrivals = link_->wait(patience);
        if (arrivals.broken) fail_test("the connection broke");
        connected_ = connected_ || arrivals.connected;
        for (const Bytes& bytes : arrivals.frames) {
            const auto frame = must(wire::parse_frame(bytes));
            if (const auto* refusal = std::get_if<wire::Refusal>(&frame.body)) {
                fail_test("refused: " + std::string(error_info(refusal->code).name));
            }
            answered_ += frame.number != 0;
        }
    }
    [[nodiscard]] std::size_t waiting() const { return sent_ - answered_; }

private:
    std::unique_ptr<station::Link> link_;
    bool connected_ = false;
    std::uint64_t sent_ = 0;
    std::uint64_t answered_ = 0;
    Clock::time_point guard_ = Clock::now() + kGuard;
};

}  // namespace

Load::Load() { admission_.call({"geriatrie"}); }

std::unique_ptr<station::Link> Load::connect() {
    auto& station = territory_.practice.station();
    return must(station::Link::open(station.identity().endpoint, station.identity().broker_curve,
                                    station.keys().curve));
}

Bytes Load::seal_note(test::Post& practice, const station::SigningPerson& signer, P256Key& key,
                      const Digest& kind) {
    auto& station = practice.station();
    const Bytes payload(kPayloadBytes, 0x20);
    const auto padded = must(seal::pad_content(payload, station.random()));
    const Address ward = territory_.hospital.mailbox("geriatrie");
    const Header header{.id = make_uuid_v7<MessageId>(station.random(), station.now()),
                        .thread = admission_.id,
                        .follows = std::nullopt,
                        .kind = kind,
                        .act = "answer",
                        .answers = std::nullopt,
                        .by = signer.id,
                        .on_behalf_of = std::nullopt,
                        .station = station.identity().station,
                        .from = practice.mailbox(),
                        .to = {{ward, must(station.store().take_counter(ward, Lane::urgent))}},
                        .lane = Lane::urgent,
                        .respond_within = std::chrono::seconds(0),
                        .expires_after = std::chrono::seconds(0),
                        .time = station.now(),
                        .head = station.replica().head(),
                        .publics = {},
                        .content_digest = padded.digest,
                        .content_bytes = static_cast<std::uint32_t>(padded.bytes.size())};
    const Bytes bytes = encode_header(header);
    const Digest digest = header_digest(bytes);
    const auto signature = sign_headers({&digest, 1}, key);
    const Secret content_key = seal::make_content_key(station.random());
    std::vector<KeyBox> boxes;
    std::uint8_t position = 0;
    for (const Address& mailbox : {practice.mailbox(), ward}) {
        const auto* epoch = station.directory().epoch(mailbox);
        boxes.push_back(
            must(seal::seal_box(content_key, digest, position++, mailbox, epoch->epoch.number,
                                epoch->epoch.key, Release::at_once)));
    }
    return encode_envelope({bytes, signature[0]},
                           seal::encrypt_content(content_key, digest, padded.bytes), boxes);
}

std::vector<Bytes> Load::seal_notes(int count) {
    auto& practice = territory_.practice;
    practice.synchronise();
    const Digest kind = admission_.view(practice).kind->kind.digest;
    auto signer = practice.signer();
    std::vector<Bytes> notes;
    must(practice.station().store().begin());
    for (int i = 0; i < count; ++i) {
        notes.push_back(seal_note(practice, signer, signer.key, kind));
    }
    must(practice.station().store().commit());
    return notes;
}

double Load::submits_per_second(int count, std::size_t window) {
    std::vector<Bytes> notes = seal_notes(count);
    territory_.geriatrie.close();  // nobody takes delivery meanwhile
    territory_.practice.station();
    Connection connection(connect());
    const auto begun = Clock::now();
    for (Bytes& note : notes) {
        connection.send(wire::Submit{std::move(note)});
        while (connection.waiting() >= window) connection.turn(kStep);
    }
    while (connection.waiting() != 0) connection.turn(kStep);
    return count / std::chrono::duration<double>(Clock::now() - begun).count();
}

std::vector<double> Load::seconds_to_delivery(int count, double rate) {
    std::vector<Bytes> notes = seal_notes(count);
    territory_.geriatrie.synchronise();  // what waited
    auto& ward = territory_.geriatrie.station();
    std::uint64_t serial = must(ward.store().last_serial());
    std::vector<Clock::time_point> sent(static_cast<std::size_t>(count));
    std::vector<double> taken;
    Connection connection(connect());
    const auto begun = Clock::now();
    std::jthread receiver([&] {
        while (taken.size() < sent.size()) {
            must(ward.turn(std::chrono::milliseconds(100)));
            const auto now = Clock::now();
            const auto entries = must(ward.store().entries(serial, 1000));
            for (const auto& entry : entries) {
                serial = entry.serial;
                if (!std::holds_alternative<EnvelopeEntry>(entry.delivery.entry)) continue;
                const std::chrono::duration<double> time = now - sent[taken.size()];
                taken.push_back(time.count());
            }
        }
    });
    for (std::size_t i = 0; i < sent.size(); ++i) {
        const auto due = begun + std::chrono::duration_cast<Clock::duration>(
                                     std::chrono::duration<double>(static_cast<double>(i) / rate));
        while (Clock::now() < due) connection.turn(std::chrono::milliseconds(0));
        sent[i] = Clock::now();
        connection.send(wire::Submit{std::move(notes[i])});
    }
    while (connection.waiting() != 0) connection.turn(kStep);
    receiver.join();
    return taken;
}

}  // namespace relais::bench

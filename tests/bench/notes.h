// notes.h: messages for a load, made before it is timed. A *note* is an act of the kind `note`
// within an open thread: 1 KiB of padded content, a key box for the sender and one for each
// recipient. What a broker cannot read is made once and repeated: the ciphertext and the boxes are
// bytes of the right sizes. Headers, counters and signatures are each message's own.
#pragma once

#include "tests/bench/domain.h"

namespace relais::bench {

inline constexpr std::size_t kPaddedBytes = 1024;

// What one producer sends to a list of mailboxes in one lane. Refers to the domain and its
// producer, which outlive it.
class Correspondence {
public:
    Correspondence(const Domain& domain, Producer& producer, std::vector<Address> to, Lane lane);

    // The act that opens the thread: sent, and answered, before the notes.
    Bytes opening();
    // Envelopes, signed together by groups of `signed_at_once`; 0: under no true signature, for an
    // engine that is told that they were checked.
    std::vector<Bytes> notes(std::size_t count, std::size_t signed_at_once);
    // One content to the group of all posts.
    Bytes post();
    // Openings of as many cases of the kind `admission`, each its own thread with its clocks.
    std::vector<Bytes> cases(std::size_t count);

private:
    Header make_header(const Digest& kind, const ThreadId& thread, const std::string& act);
    std::vector<Bytes> seal(const std::vector<Bytes>& headers, std::size_t signed_at_once);

    const Domain& domain_;
    Producer& producer_;
    std::vector<Address> to_;
    Lane lane_;
    test::SeededRandom random_;
    ThreadId thread_;
    Bytes content_;  // sealed
};

}  // namespace relais::bench

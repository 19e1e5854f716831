// envelope_changes.cc: an envelope with other values in its header, boxes, content or chunks, put
// together again so that sizes and places agree, mostly; or changed as the FlatBuffer it is, its
// header within it included.
#include "core/base/limits.h"
#include "schemas/envelope/envelope.h"
#include "tests/fuzz/changes.h"
#include "tests/fuzz/flat_layout.h"

namespace relais::fuzz {

namespace {

struct Parts {
    Header header;
    HeaderSignature signature;
    Bytes content;
    std::vector<KeyBox> boxes;
    std::vector<Digest> chunks;
};

Address some_address(test::SeededRandom& random) {
    constexpr const char* kAddresses[] = {"cabinet@indre", "geriatrie.ch-valmont@indre", "a@b",
                                          "urgences.ch-valmont@indre"};
    if (random.one_in(2)) return test::address(kAddresses[random.below(std::size(kAddresses))]);
    const std::string many(1 + random.below(limits::kNameBytesMax), 'x');
    return test::address(many + "." + many + "@" + many);
}

void change_recipients(Header& header, test::SeededRandom& random) {
    auto& to = header.to;
    if (to.empty()) to.push_back({some_address(random), extreme(random)});
    switch (random.below(4)) {
        case 0: to.push_back({some_address(random), extreme(random)}); return;
        case 1: to.resize(1, to.front()); return;
        case 2: to.resize(random.below(limits::kRecipientsMax + 2), to.front()); break;
        default: break;
    }
    // Addresses that differ, as they have to.
    for (std::size_t i = 0; i < to.size(); ++i) {
        to[i].mailbox = test::address("u" + std::to_string(i) + ".ch-valmont@indre");
        if (random.one_in(16)) to[i] = {some_address(random), extreme(random)};
    }
}

Address member(std::size_t number) {
    const std::string digits = std::to_string(number);
    return test::address("m" + std::string(5 - digits.size(), '0') + digits + ".ch-valmont@indre");
}

// After the mailboxes, as they have to stand, mostly; one more than there may be, or one twice.
void change_groups(Header& header, test::SeededRandom& random) {
    auto& to = header.to;
    std::erase_if(to, [](const Recipient& item) { return item.mailbox.is_group(); });
    const std::uint64_t count = random.below(limits::kGroupsPerHeaderMax + 2);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t number = random.one_in(16) ? 0 : i;
        const std::string group = "#g" + std::to_string(number) + ".cpts-val@indre";
        to.push_back({Address::parse_group(group).value(), 1 + random.below(9)});
    }
    if (count != 0 && random.one_in(8)) std::swap(to.front(), to.back());
    if (count != 0 && random.one_in(8)) to.front().standing = Standing::fallback;
    if (random.one_in(4)) to.erase(to.begin(), to.end() - static_cast<std::ptrdiff_t>(count));
}

void change_publics(Header& header, test::SeededRandom& random) {
    auto& publics = header.publics;
    publics.resize(random.below(limits::kPublicFieldsMax + 2), PublicField{1, 1});
    std::uint16_t number = 0;
    for (PublicField& field : publics) {
        number = static_cast<std::uint16_t>(number + 1 + random.below(3));
        field = {number, static_cast<std::int64_t>(extreme(random))};
        if (random.one_in(16)) field.number = static_cast<std::uint16_t>(extreme(random));
    }
}

void change_ids(Header& header, test::SeededRandom& random) {
    const auto toggle = [&](auto& id) {
        if (id) return id.reset();
        random.fill(id.emplace().bytes);
    };
    switch (random.below(6)) {
        case 0: return toggle(header.follows);
        case 1: return toggle(header.answers);
        case 2: return toggle(header.on_behalf_of);
        case 3: random.fill(header.id.bytes); return;
        case 4: header.thread.bytes[random.below(16)] ^= 0x80; return;
        default: random.fill(header.kind.bytes); return;
    }
}

void change_numbers(Header& header, test::SeededRandom& random) {
    const std::uint64_t value = extreme(random);
    switch (random.below(7)) {
        case 0: header.lane = static_cast<Lane>(value); return;
        case 1: header.respond_within = std::chrono::seconds(value & UINT32_MAX); return;
        case 2: header.expires_after = std::chrono::seconds(value & UINT32_MAX); return;
        case 3: header.time.ms = static_cast<std::int64_t>(value); return;
        case 4: header.head.size.value = value; return;
        case 5: header.content_bytes = static_cast<std::uint32_t>(value); return;
        default: header.act = std::string(random.below(limits::kNameBytesMax + 2), 'a'); return;
    }
}

void change_boxes(Parts& parts, test::SeededRandom& random) {
    auto& boxes = parts.boxes;
    if (boxes.empty()) return;
    KeyBox& box = boxes[random.below(boxes.size())];
    switch (random.below(10)) {
        case 7: box.mailbox.reset(); return;
        case 8: box.mailbox = some_address(random); return;
        case 9: box.mailbox = member(random.below(4)); return;
        case 0: box.position = static_cast<std::uint16_t>(extreme(random)); return;
        case 1: box.epoch.value = extreme(random); return;
        case 2: box.suite = static_cast<std::uint8_t>(extreme(random)); return;
        case 3: box.release = static_cast<Release>(random.below(6)); return;
        case 4: box.enc.resize(random.below(100)); return;
        case 5: box.sealed_key.resize(random.below(100)); return;
        default: std::swap(box, boxes[random.below(boxes.size())]); return;
    }
}

void change_rest(Parts& parts, test::SeededRandom& random) {
    switch (random.below(5)) {
        case 0: parts.content = random.bytes(random.below(2048)); return;
        case 1:
            parts.chunks.resize(random.below(20));
            parts.header.chunks =
                ChunkSummary{static_cast<std::uint32_t>(parts.chunks.size()), extreme(random), {}};
            return;
        case 2: parts.header.chunks.reset(); return;
        case 3: parts.signature.path.resize(random.below(limits::kBatchPathMax + 2)); return;
        default:
            parts.signature.index = static_cast<std::uint32_t>(extreme(random));
            parts.signature.size = static_cast<std::uint32_t>(extreme(random));
            return;
    }
}

// A box for the sender and each mailbox, and of groups for some members; a content of the size that
// the header says.
void mend(Parts& parts, test::SeededRandom& random) {
    const KeyBox model = parts.boxes.empty() ? KeyBox{0,
                                                      {1},
                                                      kSuiteP256,
                                                      Bytes(kSuiteP256EncBytes),
                                                      Bytes(kSuiteP256SealedKeyBytes),
                                                      Release::at_once}
                                             : parts.boxes.back();
    const std::size_t named = parts.header.mailboxes().size() + 1;
    std::size_t members = parts.header.groups().empty() ? 0 : random.below(6);
    if (members == 5 && random.one_in(8)) members = limits::kGroupReadersMax + random.below(2);
    parts.boxes.resize(named + members, model);
    for (std::size_t i = 0; i < parts.boxes.size(); ++i) {
        parts.boxes[i].position = static_cast<std::uint16_t>(i);
        parts.boxes[i].mailbox.reset();
        if (i >= named) parts.boxes[i].mailbox = member(i - named);
    }
    parts.boxes[0].release = Release::at_once;
    std::uint32_t padded = limits::kContentPaddedBytesMin;
    while (padded < limits::kContentPaddedBytesMin << 4 && random.one_in(2)) padded *= 2;
    parts.header.content_bytes = padded;
    parts.content.resize(padded + kContentTagBytes);
}

void change_values(Parts& parts, test::SeededRandom& random) {
    switch (random.below(7)) {
        case 0: change_recipients(parts.header, random); break;
        case 6: change_groups(parts.header, random); break;
        case 1: change_publics(parts.header, random); break;
        case 2: change_ids(parts.header, random); break;
        case 3: change_numbers(parts.header, random); break;
        case 4: change_boxes(parts, random); break;
        default: change_rest(parts, random); break;
    }
    if (!random.one_in(3)) mend(parts, random);
}

}  // namespace

Bytes changed(ByteView input, test::SeededRandom& random) {
    const auto envelope = Envelope::parse(to_bytes(input));
    if (!envelope.ok() || random.one_in(3)) {
        Bytes bytes = to_bytes(input);
        change_flat(bytes, random);
        return bytes;
    }
    Parts parts{envelope->header(),
                envelope->signature(),
                to_bytes(envelope->content()),
                {envelope->boxes().begin(), envelope->boxes().end()},
                {envelope->chunks().begin(), envelope->chunks().end()}};
    Bytes header = to_bytes(envelope->header_bytes());
    if (random.one_in(2)) {
        change_flat(header, random);
    } else {
        change_values(parts, random);
        header = encode_header(parts.header);
    }
    return encode_envelope({header, parts.signature}, parts.content, parts.boxes, parts.chunks);
}

}  // namespace relais::fuzz

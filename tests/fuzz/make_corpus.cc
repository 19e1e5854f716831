// make_corpus.cc: writes the corpora of the fuzz targets: for each a few valid samples and a few
// that break one rule. Run it again after a change of a format: make_corpus tests/fuzz/corpus
//
// Signatures and seals are under fresh randomness: two runs differ in bytes, not in meaning.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "broker/store/packed_rows.h"
#include "broker/store/record_codec.h"
#include "clients/station/seal/content.h"
#include "clients/station/seal/recovery.h"
#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/merkle/cosignature.h"
#include "core/merkle/proof_file.h"
#include "core/merkle/tiles.h"
#include "core/merkle/tree.h"
#include "schemas/audit/proof_extra.h"
#include "schemas/envelope/attachments.h"
#include "schemas/envelope/statements.h"
#include "schemas/forms/forms.h"
#include "schemas/wire/enrolment.h"
#include "tests/fuzz/kinds.h"
#include "tests/fuzz/known_box.h"
#include "tests/fuzz/log_keys.h"
#include "tests/support/envelopes.h"
#include "tests/support/frames.h"
#include "tests/support/kinds.h"
#include "tests/support/leaves.h"
#include "tests/support/small_territory.h"
#include "tools/backup/archive.h"

namespace relais::fuzz {

namespace {

std::filesystem::path root;

void write(const std::string& target, const std::string& name, ByteView bytes) {
    std::filesystem::create_directories(root / target);
    std::ofstream stream(root / target / name, std::ios::binary | std::ios::trunc);
    stream << as_text(bytes);
}
void write(const std::string& target, const std::string& name, std::string_view text) {
    write(target, name, as_bytes(text));
}

// The sample, and what no reader accepts of any format.
void write_binary(const std::string& target, const std::string& name, const Bytes& bytes) {
    write(target, "valid-" + name, bytes);
    write(target, "bad-half-" + name, ByteView(bytes).first(bytes.size() / 2));
}

std::string numbered(const std::string& prefix, std::size_t number) {
    return prefix + (number < 10 ? "0" : "") + std::to_string(number);
}

void make_frames(test::SeededRandom& random) {
    const auto bodies = wire::sample_bodies(random);
    for (std::size_t i = 0; i < bodies.size(); ++i) {
        write("frame", numbered("valid-body-", i), wire::encode_frame({i, bodies[i]}));
    }
    const auto entries = wire::sample_entries(random);
    for (std::size_t i = 1; i < entries.size(); ++i) {
        const wire::Delivery delivery{test::address("cabinet@indre"),
                                      random.make<Incarnation>(),
                                      Lane::urgent,
                                      {4},
                                      entries[i]};
        write("frame", numbered("valid-entry-", i), wire::encode_frame({0, delivery}));
    }
    write("frame", "bad-empty", ByteView{});
    write("frame", "bad-zeros", Bytes(64, 0));
}

// To a mailbox and two groups, of which three members read it.
void make_group_envelopes() {
    test::SeededRandom random(1001);
    P256Key key = test::make_p256_key(random);
    const Header header = test::make_header(
        {.to = {"geriatrie.ch-valmont@indre", "#alertes.cpts-val@indre", "#gardes.cpts-val@indre"}},
        random);
    std::vector<Address> readers;
    for (const char* reader : {"cabinet-a@indre", "cabinet-b@indre", "urgences.ch-valmont@indre"}) {
        readers.push_back(test::address(reader));
    }
    const auto made = [&] {
        return test::make_envelope(header, key, random, Release::at_once, {}, readers);
    };
    write_binary("envelope", "group", made());
    std::swap(readers[0], readers[2]);
    write("envelope", "bad-members-falling", made());
    readers = {header.from};
    write("envelope", "bad-member-is-sender", made());
}

void make_envelopes(test::SeededRandom& random) {
    P256Key key = test::make_p256_key(random);
    write_binary("envelope", "full", test::make_envelope(test::full_header(random), key, random));
    const Header plain = test::make_header({.by = random.make<PersonId>()}, random);
    write_binary("envelope", "plain", test::make_envelope(plain, key, random, Release::overdue));
    const Bytes content = random.bytes(plain.content_bytes + kContentTagBytes);
    auto boxes = test::make_boxes(plain, random);
    boxes.pop_back();
    const SignedHeader header = test::sign_header(plain, key);
    write("envelope", "bad-box-missing", encode_envelope(header, content, boxes));
    boxes = test::make_boxes(plain, random);
    boxes[1].enc.pop_back();
    write("envelope", "bad-box-short", encode_envelope(header, content, boxes));
    boxes = test::make_boxes(plain, random);
    std::swap(boxes[0], boxes[1]);
    write("envelope", "bad-boxes-exchanged", encode_envelope(header, content, boxes));
    boxes = test::make_boxes(plain, random);
    write("envelope", "bad-content-short",
          encode_envelope(header, ByteView(content).first(content.size() - 1), boxes));
    make_group_envelopes();
}

void make_attached_files(test::SeededRandom& random) {
    const auto list_of = [&](const std::vector<AttachedFile>& files) {
        Bytes list = random.bytes(32);
        append(list, ByteView(encode_files(files)));
        return list;
    };
    const AttachedFile letter{"courrier.pdf", "application/pdf", 300'000, random.make<Digest>()};
    AttachedFile picture{"plaie.jpg", "image/jpeg", 4096, random.make<Digest>()};
    write_binary("attached_files", "one", list_of({letter}));
    write_binary("attached_files", "two", list_of({letter, picture}));
    picture.name = "../plaie.jpg";
    write("attached_files", "bad-path", list_of({picture}));
    picture.name = "plaie.jpg";
    picture.bytes = 0;
    write("attached_files", "bad-empty-file", list_of({picture}));
    write("attached_files", "bad-none", list_of({}));
}

void make_statements(test::SeededRandom& random) {
    P256Key key = test::make_p256_key(random);
    const Address mailbox = test::address("geriatrie.ch-valmont@indre");
    const auto message = make_uuid_v7<MessageId>(random, test::kTestTime);
    const Bytes delivered = encode_delivered({random.make<StationId>(),
                                              mailbox,
                                              random.make<Incarnation>(),
                                              Lane::urgent,
                                              {3},
                                              {9},
                                              random.make<Digest>()});
    const Bytes opened = encode_opened({random.make<StationId>(), mailbox, message,
                                        random.make<Digest>(), Word::taken, test::kTestTime});
    const Bytes mark = encode_mark({random.make<PersonId>(), mailbox, message,
                                    random.make<Digest>(), Word::opened, test::kTestTime});
    write_binary("statements", "notice", encode_notice(test::full_notice(random, key, 2)));
    write_binary("statements", "delivered", delivered);
    write_binary("statements", "opened", opened);
    write_binary("statements", "mark", mark);
    write_binary("statements", "statement",
                 encode_statement(make_statement(contexts::kMark, mark, key)));
    const Bytes reversed = encode_delivered({random.make<StationId>(),
                                             mailbox,
                                             random.make<Incarnation>(),
                                             Lane::urgent,
                                             {9},
                                             {3},
                                             random.make<Digest>()});
    write("statements", "bad-reversed", reversed);
}

// Each body once: as a territory comes by it; the others as one of its chains could say them.
void make_entries() {
    test::SmallTerritory territory;
    test::SeededRandom& random = territory.random();
    std::vector<directory::SignedEntry> entries = territory.log();
    const auto say = [&](const std::string& chain, directory::EntryBody body) {
        entries.push_back(territory.draft(chain, *territory.authority_of(chain), std::move(body)));
    };
    const std::string& hospital = territory.hospital.name.text();
    const std::string& cpts = territory.cpts.name.text();
    const Address ward = territory.mailbox("geriatrie.ch-valmont");
    const Name doctors = test::name("medecins");
    entries.push_back(territory.draft("", *territory.registrar(),
                                      directory::Suspension{territory.hospital.name, true}));
    directory::Person dated = territory.doctor.person;
    dated.from = test::kTestTime;
    dated.until = {test::kTestTime.ms + 86'400'000};
    say(territory.practice.name.text(), dated);
    say(hospital, directory::AuthorityReplaced{
                      territory.make_key()->public_key(), territory.make_key()->public_key(),
                      random.make<Digest>(), territory.make_key()->public_key()});
    say(hospital, directory::GrantsAdded{"geriatrie", {1}, {territory.grant(std::nullopt)}});
    say(hospital,
        directory::Revocation{
            directory::RevokedObject::unit, {}, "geriatrie", directory::RevocationReason::left});
    say(cpts, directory::KindPublished{test::name("admission"), 1, random.make<Digest>(), 900});
    say(hospital,
        directory::Witness{territory.geriatrics_station.id, random.make<Ed25519Public>()});
    say(cpts, directory::WitnessPolicy{2, std::chrono::minutes(10)});
    say(cpts, directory::Group{doctors, "Médecins", {"alert"}, directory::Posting::owner, {ward}});
    say(cpts,
        directory::Membership{Address::parse_group("#medecins.cpts@indre").value(), {ward}, {}});
    say(cpts, directory::PackPublished{test::name("drugs"), 3, random.make<Digest>(), 4000});
    say(hospital, directory::Absence{test::name("geriatrie"),
                                     {{test::kTestTime, {test::kTestTime.ms + 86'400'000}, ward}}});
    std::vector<int> seen(std::variant_size_v<directory::EntryBody>, 0);
    for (const directory::SignedEntry& entry : entries) {
        const std::size_t body = entry.entry.body.index();
        const bool dates = std::holds_alternative<directory::Person>(entry.entry.body) &&
                           std::get<directory::Person>(entry.entry.body).dated();
        if (seen[body]++ == 0 || dates) {
            write_binary("directory_entry", numbered("body-", body) + (dates ? "-dated" : ""),
                         entry.bytes);
        }
    }
    RELAIS_CHECK(std::ranges::find(seen, 0) == seen.end());
}

void make_leaves(test::SeededRandom& random) {
    P256Key key = test::make_p256_key(random);
    const Leaf full = test::full_leaf(random);
    write_binary("audit_leaf", "full", encode_leaf(full));
    write_binary("audit_leaf", "least", encode_leaf({.event = Event::broker_started}));
    Leaf bad = full;
    bad.event = static_cast<Event>(999);
    write("audit_leaf", "bad-event", encode_leaf(bad));
    const SignedHeader header = test::sign_header(test::full_header(random), key);
    write_binary("proof_extra", "full", encode_proof_extra({encode_leaf(full), header}));
}

void make_notes() {
    LogKeys keys;
    std::vector<Digest> leaves;
    for (int i = 0; i < 11; ++i) {
        leaves.push_back(merkle::leaf_hash(as_bytes("leaf " + std::to_string(i))));
    }
    const merkle::Checkpoint head{keys.log.name(), leaves.size(), merkle::tree_root(leaves)};
    const std::string note = merkle::sign_checkpoint(head, keys.log, keys.log_key).value();
    const auto verified = merkle::verify_checkpoint(note, keys.trust()).value();
    const auto line =
        merkle::cosign(verified, keys.witness, keys.witness_key, test::kTestTime).value();
    const std::string cosigned = merkle::add_signature(note, line).value();
    write("note", "valid-checkpoint", note);
    write("note", "valid-cosigned", cosigned);
    write("note", "valid-text", merkle::sign_note("un texte\n", keys.log, keys.log_key).value());
    write("note", "bad-no-signature", head.text() + "\n");
    std::string crowded = cosigned;
    while (crowded.size() < note.size() + limits::kNoteSignaturesMax * line.line().size()) {
        crowded += line.line();
    }
    write("note", "bad-signatures-too-many", crowded);
    write("note", "bad-no-blank-line", head.text() + line.line());
    write("note", "bad-control", "un\ttexte\n\n" + line.line());
    write("note", "bad-cut", cosigned.substr(0, cosigned.size() - 1));
    write("verifier_key", "valid-log", keys.log.text());
    write("verifier_key", "valid-witness", keys.witness.text());
    write("verifier_key", "bad-id", "indre/audit+00000000+" + keys.log.text().substr(21));

    merkle::ProofFile proof{
        {1, 2, 3}, 3, merkle::BatchTree::build(leaves).value().path(3), cosigned};
    write("proof_file", "valid-extra", merkle::format_proof(proof).value());
    proof.extra.clear();
    const std::string plain = merkle::format_proof(proof).value();
    write("proof_file", "valid-plain", plain);
    write("proof_file", "bad-version", "c2sp.org/tlog-proof@v2" + plain.substr(22));
    write("proof_file", "bad-cut", plain.substr(0, plain.size() / 2));
}

void make_boxes(test::SeededRandom& random) {
    const KnownBox known;
    const KeyBox box = seal::seal_box(known.content_key, known.header, 1, known.mailbox, {1},
                                      known.epoch.public_key(), Release::at_once)
                           .value();
    const auto bytes_of = [&](std::uint8_t release, const Bytes& sealed) {
        Bytes bytes = {1, release};
        append(bytes, box.enc);
        append(bytes, sealed);
        return bytes;
    };
    write("key_box", "valid-box", bytes_of(0, box.sealed_key));
    write("key_box", "bad-release", bytes_of(1, box.sealed_key));
    Bytes longer = box.sealed_key;
    longer.push_back(0);
    write("key_box", "bad-longer", bytes_of(0, longer));
    Bytes off_curve = bytes_of(0, box.sealed_key);
    off_curve[66] ^= 1;
    write("key_box", "bad-off-curve", off_curve);
    // Not a box: what the target's other readers take.
    write("key_box", "padded-content",
          seal::pad_content(as_bytes("dossier"), random).value().bytes.expose());
    const Secret secret = seal::make_recovery_secret(random);
    const std::string code(as_text(seal::recovery_code(secret).expose()));
    write("recovery_code", "valid-printed", code);
    write("recovery_code", "bad-exchanged", code.substr(6) + "-" + code.substr(0, 5));
    write("recovery_code", "bad-letter", "U" + code.substr(1));
}

void make_configurations() {
    std::ifstream example(RELAIS_SOURCE_DIR "/broker/config/example.toml");
    const std::string text{std::istreambuf_iterator<char>(example), {}};
    const std::string least =
        "domain = \"indre\"\nauthority = \"" + std::string(64, 'a') + "\"\ndata = \"/srv/r\"\n";
    write("configuration", "valid-example", text);
    write("configuration", "valid-least", least);
    write("configuration", "bad-empty", "");
    write("configuration", "bad-key", least + "colour = 1\n");
    write("configuration", "bad-twice", least + "domain = \"cher\"\n");
    write("configuration", "bad-type", least + "[limits]\nsessions = \"many\"\n");
    write("configuration", "bad-syntax", least + "[listen\n");
    write("configuration", "bad-utf8", least + "# \xff\n");
}

std::string example_of(const std::string& kind, const std::string& act) {
    std::ifstream file(RELAIS_SOURCE_DIR "/schemas/kinds/" + kind + "/examples/" + act + ".json");
    return {std::istreambuf_iterator<char>(file), {}};
}

// The example of an act as a form, in JSON and as it is sent.
void make_form(const std::string& kind, const workflow::Act& act) {
    const std::string line = kind + "/" + act.form + "\n";
    const std::string text = example_of(kind, act.name);
    RELAIS_CHECK(!text.empty());
    forms::Findings findings;
    const auto values = forms::parse_json(text).value();
    Bytes bytes = to_bytes(as_bytes(line));
    append(bytes, ByteView(forms::encode(*chosen_form(bytes).schema, values, InsEnvironment::test,
                                         findings)
                               .value()));
    const std::string name = kind + "-" + act.name;
    write("form_json", "valid-" + name, line + values.dump());
    write("form_content", "valid-" + name, bytes);
    write("form_content", "bad-half-" + name,
          ByteView(bytes).first((bytes.size() + line.size()) / 2));
}

// One example of every form that there is.
void make_forms() {
    for (const std::string& name : kind_names()) {
        const workflow::Kind kind = load_kind(name);
        std::set<std::string> seen;
        for (const workflow::Act& act : kind.acts) {
            if (!act.form.empty() && seen.insert(act.form).second) make_form(name, act);
        }
    }
    const std::string line = "admission/Call\n";
    write("form_json", "bad-no-form", "admission/Nothing\n{}");
    write("form_json", "bad-empty", line + "{}");
    write("form_json", "bad-twice", line + R"({"reason": "a", "reason": "b"})");
    write("form_json", "bad-comment", line + "{} // rien\n");
    write("form_json", "bad-utf8", line + "{\"reason\": \"\xc3\"}");
    write("form_json", "bad-deep", line + std::string(200, '[') + std::string(200, ']'));
    write("form_json", "bad-number", line + R"({"autonomy": {"gir": 1e400}})");
    write("form_json", "bad-surrogate", line + R"({"reason": "\ud800"})");
}

Invitation make_invitation(test::SeededRandom& random) {
    return {.domain = test::name("indre"),
            .purpose = wire::InvitationPurpose::station,
            .locator = random.make<Locator>(),
            .authenticator = Secret::copy_of(random.bytes(16)),
            .expires = test::kTestTime,
            .inviter = random.make<Digest>(),
            .domain_authority = random.make<Digest>(),
            .broker_curve = random.make<CurvePublic>(),
            .enrolment_curve = random.make<CurvePublic>(),
            .broker_endpoint = "tcp://relais.indre.example:7411",
            .enrolment_endpoint = "tcp://relais.indre.example:7412",
            .checkpoint = "indre/directory\n42\n",
            .organisation = "ch-valmont"};
}

void make_enrolment(test::SeededRandom& random) {
    const Secret token = encode_invitation(make_invitation(random));
    const std::string text(as_text(token.expose()));
    write("invitation", "valid-station", text);
    write("invitation", "valid-folded", text.substr(0, 40) + "\n  " + text.substr(40));
    write("invitation", "bad-cut", text.substr(0, text.size() - 1));
    write("invitation", "bad-version", "relais-invitation-2." + text.substr(20));
    write("invitation", "bad-empty", "");
    write_binary("proposal", "station",
                 encode_proposal({.purpose = wire::InvitationPurpose::station,
                                  .organisation = "ch-valmont",
                                  .entries = {},
                                  .person = random.bytes(200),
                                  .station = random.bytes(300)}));
    write_binary("proposal", "organisation",
                 encode_proposal({.purpose = wire::InvitationPurpose::organisation,
                                  .organisation = "cabinet",
                                  .entries = {random.bytes(200), random.bytes(100)},
                                  .person = {},
                                  .station = {}}));
}

void make_kinds() {
    write_binary("kind_bundle", "least", test::least_kind().bytes());
    write_binary("kind_bundle", "bed-request", test::bed_request().bytes());
    write_binary("kind_bundle", "double-approval", test::double_approval().bytes());
    test::KindBuilder endless = test::least_kind();
    endless.bundle.thread_states[1]->terminal = false;
    endless.bundle.thread_states[2]->terminal = false;
    write("kind_bundle", "bad-endless", endless.bytes());
    test::KindBuilder roleless = test::least_kind();
    roleless.bundle.acts[0]->roles = {7};
    write("kind_bundle", "bad-role", roleless.bytes());
}

void make_bundles() {
    const auto bundle_of = [](std::size_t count) {
        std::vector<Bytes> entries;
        for (std::size_t i = 0; i < count; ++i) entries.push_back(Bytes(i * 7, 'e'));
        Bytes bytes = {static_cast<std::uint8_t>(count - 1)};
        append(bytes, merkle::encode_entry_bundle(entries).value());
        return bytes;
    };
    write_binary("entry_bundle", "one", bundle_of(1));
    write_binary("entry_bundle", "three", bundle_of(3));
    write("entry_bundle", "valid-full", bundle_of(merkle::kTileWidth));
    Bytes longer = bundle_of(3);
    longer.push_back(0);
    write("entry_bundle", "bad-longer", longer);
    Bytes fewer = bundle_of(3);
    fewer[0] = 1;
    write("entry_bundle", "bad-fewer-expected", fewer);
}

struct Memory final : backup::Sink {
    Bytes all;
    Result<void> write(ByteView bytes) override {
        append(all, bytes);
        return {};
    }
};

void make_archives() {
    const auto archive_of = [](const std::vector<std::pair<std::string, std::size_t>>& files) {
        Memory memory;
        backup::ArchiveWriter writer(memory);
        for (const auto& [name, size] : files) {
            RELAIS_CHECK(writer.begin_file(name, size).ok());
            RELAIS_CHECK(writer.write(Bytes(size, 'f')).ok());
        }
        RELAIS_CHECK(writer.finish().ok());
        return memory.all;
    };
    write_binary("backup_archive", "three",
                 archive_of({{"relais.db", 700}, {"keys/broker", 0}, {"SHA256SUMS", 512}}));
    write("backup_archive", "valid-empty", archive_of({}));
    Bytes link = archive_of({{"relais.db", 0}});
    link[156] = '2';
    link[153] = static_cast<std::uint8_t>(link[153] + 2);  // its checksum
    write("backup_archive", "bad-link", link);
    Bytes outside = archive_of({{"aa/relais.db", 0}});
    outside[0] = outside[1] = '.';
    write("backup_archive", "bad-path", outside);
}

// The row of a pack that the store itself wrote.
Bytes pack_of(const std::vector<Bytes>& records) {
    Database database = Database::open(":memory:", {Database::Mode::create, ""}).value();
    database.execute("CREATE TABLE t (key INTEGER PRIMARY KEY, count INTEGER, bytes BLOB)").value();
    broker::PackedRows rows(
        database,
        {"SELECT count, bytes FROM t WHERE key = ?",
         "SELECT key, count FROM t WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1",
         "SELECT key, count FROM t WHERE key BETWEEN ? AND ? ORDER BY key LIMIT 1",
         "INSERT OR REPLACE INTO t (key, count, bytes) VALUES (?, ?, ?)",
         "DELETE FROM t WHERE key = ?"},
        100);
    for (std::size_t i = 0; i < records.size(); ++i) rows.append(0, i + 1, records[i]).value();
    rows.flush().value();
    Query query = database.query("SELECT count, bytes FROM t");
    RELAIS_CHECK(query.row().value());
    Bytes all = {static_cast<std::uint8_t>(query.integer(0))};
    append(all, query.blob(1));
    return all;
}

void make_packed_rows(test::SeededRandom& random) {
    write_binary("packed_rows", "one", pack_of({random.bytes(40)}));
    const Bytes three = pack_of({random.bytes(1), random.bytes(300), random.bytes(20)});
    write_binary("packed_rows", "three", three);
    Bytes more = three;
    ++more[0];
    write("packed_rows", "bad-count", more);
    Bytes longer = three;
    longer.push_back(0);
    write("packed_rows", "bad-longer", longer);
}

void make_pack_lines() {
    const std::string head = std::string(1, '\0') + "code;label\n";
    write("pack_lines", "valid-diagnoses",
          head + "R53.0;Altération de l'état général\nI50;Insuffisance\n");
    write("pack_lines", "valid-windows", head + "R53.0;Alt\xe9ration \x96 g\xe9n\xe9rale\n");
    write("pack_lines", "bad-header", std::string(1, '\0') + "a;b\nR53.0;x\n");
    write("pack_lines", "bad-code", head + "..;x\n");
    std::string drugs = "\x01";
    for (const char* name : {"CIS_bdpm", "CIS_CIP_bdpm", "CIS_CIP_Dispo_Spec", "CIS_MITM"}) {
        std::ifstream file(RELAIS_SOURCE_DIR "/tests/data/packs/fiction/" + std::string(name) +
                           ".txt");
        if (drugs.size() > 1) drugs += '\f';
        drugs.append(std::istreambuf_iterator<char>(file), {});
    }
    write("pack_lines", "valid-drugs", drugs);
    write("pack_lines", "bad-no-drug", std::string("\x01\f\f\f"));
}

void make_store_records(test::SeededRandom& random) {
    const auto record = [](std::uint8_t table, const Bytes& bytes) {
        Bytes all = {table};
        append(all, bytes);
        return all;
    };
    using namespace broker;
    const Address ward = test::address("geriatrie.ch-valmont@indre");
    StoredThread stored{{.id = random.make<ThreadId>(),
                         .kind = random.make<Digest>(),
                         .state = 1,
                         .opener = test::address("cabinet@indre")},
                        7,
                        {}};
    write_binary("store_record", "thread-least", record(0, encode_thread(stored)));
    stored.thread.follows = random.make<ThreadId>();
    stored.thread.parties = {{ward, 2, 3, Release::overdue}};
    stored.thread.parties[0].delegate = test::address("garde.ch-valmont@indre");
    stored.thread.done = {{1, random.make<PersonId>(), "01234567897"}};
    stored.thread.groups = {Address::parse_group("#medecins.cpts@indre").value()};
    stored.clocks = {{1, 0, {5}, EngineTime{4}}};
    const indicators::Step step{.trigger = indicators::Trigger::act,
                                .index = 1,
                                .state = 2,
                                .at = {1'700'000'000'000},
                                .party = 0,
                                .called = 1,
                                .publics = {{1, -3}}};
    stored.history = {step, step};
    write_binary("store_record", "thread-full", record(0, encode_thread(stored)));
    write_binary("store_record", "member-step", record(1, encode_member_step({3, 4, step})));
    const Accepted accepted{test::kTestTime, {4}, {5}, random.make<Digest>()};
    write("store_record", "valid-envelope",
          record(2, encode_stored(random.bytes(90), accepted, {{1, Lane::urgent, {2}}})));
    P256Key key = test::make_p256_key(random);
    write("store_record", "valid-register",
          record(3, encode_register_record(
                        {"", 0, accepted, test::sign_header(test::full_header(random), key)})));
    write_binary("store_record", "entry", record(4, encode_log_record(EnvelopeRef{9, 300, true})));
    write_binary(
        "store_record", "tombstone",
        record(4, encode_log_record(Tombstone{random.make<Digest>(), random.make<MessageId>()})));
    Timer timer{.kind = TimerKind::clock_end, .thread = random.make<ThreadId>(), .clock = 1};
    write_binary("store_record", "clock", record(5, encode_timer_key(timer)));
    timer.kind = TimerKind::forget;
    write_binary("store_record", "forget", record(8, encode_timer_key(timer)));
    write("store_record", "bad-table", record(99, encode_timer_key(timer)));
}

}  // namespace

}  // namespace relais::fuzz

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: make_corpus FOLDER\n");
        return 2;
    }
    using namespace relais::fuzz;
    root = argv[1];
    relais::test::SeededRandom random(2026);
    make_frames(random);
    make_attached_files(random);
    make_envelopes(random);
    make_statements(random);
    make_entries();
    make_leaves(random);
    make_notes();
    make_boxes(random);
    make_configurations();
    make_forms();
    make_enrolment(random);
    make_kinds();
    make_bundles();
    make_archives();
    make_pack_lines();
    make_packed_rows(random);
    make_store_records(random);
    return 0;
}

#include "tests/bench/domain.h"

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "core/merkle/tree.h"
#include "schemas/compiler/compiler.h"
#include "schemas/workflow/kind.h"
#include "tests/process/support/child.h"

namespace relais::bench {

namespace {

using directory::OrganisationKind;
using test::must;

const std::vector<std::string> kKinds = {"note", "admission"};

}  // namespace

Domain::Domain(const DomainSize& size) : keys_(broker::BrokerKeys::generate()) {
    must(make_private_folder(data()));
    must(broker::write_keys(data() / "keys", keys_));
    name_keys();
    const auto anchor =
        territory_.admit_organisation("cpts-banc", OrganisationKind::cpts, {.anchor = true});
    publish(anchor);
    for (int i = 1; i <= size.producers; ++i) add_producer(anchor, i);
    const auto hospital = territory_.admit_organisation("ch-banc", OrganisationKind::hospital);
    territory_.confirm(anchor, hospital);
    const auto nurse = territory_.add_person(hospital, {.profession = "60"});
    for (int i = 1; i <= size.posts; ++i) add_post(hospital, nurse, i);
    add_group(anchor);
    std::vector<Digest> hashes;
    for (const auto& entry : territory_.log()) hashes.push_back(merkle::leaf_hash(entry.bytes));
    head_ = {{hashes.size()}, merkle::tree_root(hashes)};
    write_config();
}

Digest Domain::authority() const { return fingerprint(territory_.authority()->public_key()); }

// The territory's own entry again, with the keys that the broker has.
void Domain::name_keys() {
    auto body = territory_.domain_body();
    body.broker_key = keys_.broker.public_key();
    body.curve_key = keys_.curve.public_key;
    body.enrolment_key = keys_.enrolment.public_key;
    body.directory_log = keys_.directory_log.public_key();
    body.audit_log = keys_.audit_log.public_key();
    territory_.append("", *territory_.authority(), body);
}

void Domain::publish(const test::TestOrganisation& anchor) {
    for (const std::string& kind : kKinds) {
        const std::string parent = kind == "note" ? "/tests/bench/kinds/" : "/schemas/kinds/";
        bundles_.push_back(must(compiler::compile_kind(RELAIS_SOURCE_DIR + parent + kind)));
        const Digest digest = must(workflow::Kind::load(bundles_.back())).digest;
        territory_.publish_kind(anchor, kind, 1, digest);
        (kind == "note" ? note_kind_ : admission_kind_) = digest;
    }
}

Seat Domain::add_seat(const test::TestOrganisation& organisation, const std::string& unit,
                      const std::vector<PersonId>& persons) {
    CurveKeyPair curve = generate_curve_keys();
    const test::TestKey signing = territory_.make_key();
    auto body = territory_.station_body(persons, {unit});
    body.curve = curve.public_key;
    body.signing = signing->public_key();
    territory_.append(organisation.name.text(), *organisation.authority, body);
    territory_.append(organisation.name.text(), *organisation.authority,
                      territory_.epoch_body(unit, 1, {body.id}));
    return {body.id, Address::of(unit, organisation.name, territory_.domain()), std::move(curve),
            signing};
}

void Domain::add_producer(const test::TestOrganisation& anchor, int number) {
    const auto practice = territory_.admit_organisation("cabinet-" + std::to_string(number),
                                                        OrganisationKind::practice);
    territory_.confirm(anchor, practice);
    const auto doctor = territory_.add_person(practice);
    territory_.attest(doctor);
    producers.push_back({add_seat(practice, "", {doctor.id}), doctor.id, doctor.key});
}

void Domain::add_post(const test::TestOrganisation& hospital, const test::TestPerson& nurse,
                      int number) {
    const std::string unit = "poste-" + std::to_string(number);
    territory_.add_unit(hospital, unit, kKinds);
    posts.push_back(add_seat(hospital, unit, {nurse.id}));
}

void Domain::add_group(const test::TestOrganisation& anchor) {
    directory::Group group{test::name("postes"), "Tous les postes", {"note"}};
    for (const Producer& producer : producers) group.posters.push_back(producer.seat.mailbox);
    territory_.append(anchor.name.text(), *anchor.authority, std::move(group));
    for (std::size_t i = 0; i < posts.size(); i += limits::kMembershipsPerEntryMax) {
        directory::Membership membership{group_};
        const std::size_t end = std::min(posts.size(), i + limits::kMembershipsPerEntryMax);
        for (std::size_t post = i; post < end; ++post) {
            membership.added.push_back(posts[post].mailbox);
        }
        territory_.append(anchor.name.text(), *anchor.authority, std::move(membership));
    }
}

void Domain::write_config() {
    const auto loopback = [] { return "tcp://127.0.0.1:" + std::to_string(test::free_port()); };
    endpoint_ = loopback();
    const std::string text = "domain = \"" + territory_.domain().text() + "\"\nauthority = \"" +
                             hex(authority().view()) + "\"\ndata = \"" + data().string() +
                             "\"\n\n[listen]\nbroker = \"" + endpoint_ + "\"\nenrolment = \"" +
                             loopback() + "\"\nhttp = \"127.0.0.1:0\"\n";
    must(write_file(config_file(), as_bytes(text), 0600, Replace::no));
}

std::uint64_t Domain::bytes_on_disk() const {
    std::uint64_t bytes = 0;
    for (const char* suffix : {"", "-wal"}) {
        std::error_code absent;
        const auto size = std::filesystem::file_size(database().string() + suffix, absent);
        if (!absent) bytes += size;
    }
    return bytes;
}

}  // namespace relais::bench

// domain.h: the territory under load: practices that send, posts of a hospital that receive, as
// many as a figure needs, on a folder that a broker then serves. Everything a broker checks is
// real: the directory's signatures, CURVE keys, attestations, the kinds. Made without enrolment,
// which is not what is measured. Confined to one thread.
#pragma once

#include <filesystem>
#include <map>

#include "broker/config/config.h"
#include "broker/keys/key_files.h"
#include "schemas/envelope/header.h"
#include "tests/process/support/must.h"
#include "tests/support/folder.h"
#include "tests/support/territory.h"

namespace relais::bench {

// A station with all that its side of the protocol needs.
struct Seat {
    StationId station;
    Address mailbox;
    CurveKeyPair curve;
    test::TestKey signing;
};

// A station that sends; its doctor signs.
struct Producer {
    Seat seat;
    PersonId doctor;
    test::TestKey doctor_key;
    std::map<std::pair<Address, Lane>, std::uint64_t> counters{};  // last used
};

struct DomainSize {
    int producers = 4;
    int posts = 1;  // each a mailbox with one station
};

class Domain {
public:
    explicit Domain(const DomainSize& size);

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
    [[nodiscard]] std::filesystem::path data() const { return folder() / "data"; }
    [[nodiscard]] std::filesystem::path config_file() const { return folder() / "broker.toml"; }
    [[nodiscard]] std::filesystem::path database() const { return data() / "relais.db"; }
    // Of the loopback port that the configuration names.
    [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
    [[nodiscard]] const broker::BrokerKeys& keys() const { return keys_; }
    [[nodiscard]] broker::BrokerKeys& keys() { return keys_; }
    [[nodiscard]] const test::TestTerritory& territory() const { return territory_; }
    [[nodiscard]] Digest authority() const;
    [[nodiscard]] DirectoryHead head() const { return head_; }
    // Everything that its engine has to be given first: bundles, then entries.
    [[nodiscard]] const std::vector<Bytes>& bundles() const { return bundles_; }
    [[nodiscard]] const Digest& note_kind() const { return note_kind_; }
    [[nodiscard]] const Digest& admission_kind() const { return admission_kind_; }
    [[nodiscard]] const Bytes& admission_bundle() const { return bundles_.back(); }
    // All posts; every producer may post to it.
    [[nodiscard]] const Address& group() const { return group_; }

    // Bytes of the database with its log, as they stand.
    [[nodiscard]] std::uint64_t bytes_on_disk() const;

    std::vector<Producer> producers;
    std::vector<Seat> posts;

private:
    void name_keys();
    void publish(const test::TestOrganisation& anchor);
    void add_producer(const test::TestOrganisation& anchor, int number);
    void add_post(const test::TestOrganisation& hospital, const test::TestPerson& nurse,
                  int number);
    void add_group(const test::TestOrganisation& anchor);
    Seat add_seat(const test::TestOrganisation& organisation, const std::string& unit,
                  const std::vector<PersonId>& persons);
    void write_config();

    test::TestFolder folder_;
    test::TestTerritory territory_{1};
    broker::BrokerKeys keys_;
    std::string endpoint_;
    std::vector<Bytes> bundles_;
    Digest note_kind_;
    Digest admission_kind_;
    Address group_ = Address::parse_group("#postes.cpts-banc@indre").value();
    DirectoryHead head_;
};

}  // namespace relais::bench

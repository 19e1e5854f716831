// picture.cc: a directory's answers as one text, so that tests can say "nothing has changed" and
// "the same".
#include <sstream>

#include "core/codecs/codecs.h"
#include "schemas/directory/entries.h"
#include "tests/support/territory.h"

namespace relais::test {

using namespace directory;

namespace {

class Picture {
public:
    explicit Picture(const DirectoryState& state) : state_(state) {}

    // What holds whatever the position: ends of chains, epochs, kinds, lists.
    void draw_present() {
        out_ << "size " << state_.size().value << " authority " << hex(state_.authority().view())
             << "\n";
        draw_chain("");
        for (const auto& [key, record] : state_.organisations()) draw_organisation(key, record);
        for (const KindRecord& record : state_.kinds()) {
            out_ << "kind " << record.kind.name.text() << " " << record.kind.version << " "
                 << hex(record.kind.digest.view()) << " " << record.kind.withdrawn << " from "
                 << record.from.value << "\n";
        }
        out_ << "anchor " << (state_.anchor() ? state_.anchor()->name.text() : "none") << "\n";
        out_ << "mandates " << state_.mandates().size() << " stations " << state_.stations().size()
             << "\n";
    }

    // What an envelope recorded at that size is judged against.
    void draw_position(DirectorySize at) {
        out_ << "at " << at.value << "\n";
        if (const Domain* domain = state_.domain(at)) out_ << body(*domain);
        for (const auto& [key, record] : state_.organisations()) {
            out_ << key << " suspended " << state_.suspended(key, at) << " established "
                 << state_.established(key, at) << "\n";
            if (const Organisation* entry = record.entry.at(at)) out_ << body(*entry);
            for (const auto& [unit, history] : record.units) {
                if (const Unit* value = state_.unit(key, unit, at)) out_ << body(*value);
            }
        }
    }

    void draw_person(const PersonId& id, DirectorySize at) {
        const PersonRecord* record = state_.person(id, at);
        if (record == nullptr) return;
        out_ << record->organisation << " " << body(record->person) << " attested "
             << state_.attested(id, at) << "\n";
    }

    void draw_attestations(const PersonId& id) {
        for (const AttestationRecord* record : state_.attestations(id)) {
            out_ << "attested by '" << record->by << "' " << body(record->attestation);
        }
        for (const PersonId& other : state_.same_rpps(id)) {
            out_ << "same rpps " << hex(other.view()) << "\n";
        }
    }

    void draw_station(const StationId& id, DirectorySize at) {
        const StationRecord* record = state_.station(id, at);
        if (record == nullptr) return;
        out_ << record->organisation << " " << body(record->station);
        const StationRecord* by_curve = state_.station_by_curve(record->station.curve);
        out_ << "by curve " << (by_curve ? hex(by_curve->station.id.view()) : "none") << "\n";
    }

    void draw_mandate(const MandateId& id, DirectorySize at) {
        const MandateRecord* record = state_.mandate(id, at);
        if (record != nullptr) out_ << record->organisation << " " << body(record->mandate);
    }

    [[nodiscard]] std::string text() const { return out_.str(); }

private:
    // A body's every field, as the bytes of an entry that would hold it.
    std::string body(EntryBody value) const {
        const Entry entry{state_.domain_name(), "", 0, {}, {}, {}, std::move(value)};
        return std::string(body_name(entry.body)) + " " + hex(encode_entry(entry)) + "\n";
    }

    void draw_chain(const std::string& chain) {
        const auto end = state_.chain_end(chain);
        out_ << "chain '" << chain << "' " << end.number << " " << hex(end.previous.view()) << "\n";
    }

    void draw_organisation(const std::string& key, const OrganisationRecord& record) {
        draw_chain(key);
        out_ << body(record.admission) << "confirmed by '" << record.confirmed_by << "'\n";
        for (const auto& [unit, epochs] : record.epochs) {
            for (const EpochRecord& epoch : epochs) {
                out_ << "since " << epoch.from.value << " " << epoch.since.ms << " "
                     << body(epoch.epoch);
            }
        }
        out_ << "persons " << state_.persons_of(key).size() << " stations "
             << state_.stations_of(key).size() << "\n";
    }

    const DirectoryState& state_;
    std::ostringstream out_;
};

}  // namespace

std::string TestTerritory::picture(const DirectoryState& state) const {
    Picture picture(state);
    picture.draw_present();
    for (const PersonId& id : persons_) picture.draw_attestations(id);
    for (std::uint64_t at = 0; at <= state.size().value + 1; ++at) {
        picture.draw_position({at});
        for (const PersonId& id : persons_) picture.draw_person(id, {at});
        for (const StationId& id : stations_) picture.draw_station(id, {at});
        for (const MandateId& id : mandates_) picture.draw_mandate(id, {at});
    }
    return picture.text();
}

}  // namespace relais::test

// packed_rows.h: long sequences of small records, many to a row: envelopes, leaves, the lanes of
// mailboxes. A record is found by its owner (the number of a lane; 0 where there is one sequence
// only) and its position; the positions of an owner follow each other without a gap. What a
// transaction appends is kept here until flush(), and written as packs of some tens of kilobytes:
// rows of their own would cost most of a commit, and half of the disk. Where commits are small the
// last pack is extended until it is worth its row.
//
// Confined to the store's thread. Memory: what the transaction appended, and a few packs.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.h"
#include "core/database/database.h"

namespace relais::broker {

class PackedRows {
public:
    using Owner = std::uint32_t;
    using Position = std::uint64_t;

    // Statements on a table (key INTEGER PRIMARY KEY, count, bytes). They outlive this object.
    struct Statements {
        const char* get;       // count, bytes; by key
        const char* at_most;   // key, count; the last key that is at least ?1 and at most ?2
        const char* at_least;  // key, count; the first such key
        const char* put;
        const char* remove;
    };
    // The last pack takes what a later transaction appends while it is shorter than
    // `extended_below` bytes.
    PackedRows(Database& database, const Statements& statements, std::size_t extended_below)
        : database_(database), sql_(statements), extended_below_(extended_below) {}

    // Errors of all calls: the database's; corrupt  a pack that breaks its form.

    // The position after the last one; nothing where the owner has no record.
    Result<std::optional<Position>> end(Owner owner);
    // The record is `front`, then `rest`. Errors: corrupt  `position` is not end(), where there is
    // one; nothing is written.
    Result<void> append(Owner owner, Position position, ByteView front, ByteView rest = {});
    // An empty record frees the space; the position stays taken. Errors: not_found  no record is
    // there, or it went with its row.
    Result<void> replace(Owner owner, Position position, ByteView record);
    // Empty where there is none, or an empty one. Valid until the next call.
    Result<ByteView> get(Owner owner, Position position);
    struct Record {
        Position position;
        Bytes bytes;
    };
    // The records at `from` and after, in order, at most `count`; empty ones are left out.
    Result<std::vector<Record>> read(Owner owner, Position from, std::size_t count);
    // Every owner that has records, in order.
    Result<std::vector<Owner>> owners();

    // Writes what is pending, within the transaction.
    Result<void> flush();
    // Drops what is pending and what was read: after a rollback, or to see another's commits.
    void forget();

private:
    using Key = std::int64_t;  // owner and first position
    // As it is written: each record behind its length.
    struct Pack {
        struct Span {
            std::uint32_t at;
            std::uint32_t size;
        };
        Bytes bytes;
        std::vector<Span> records;
        std::size_t live = 0;  // bytes of records
        bool dirty = false;

        [[nodiscard]] ByteView record(std::size_t place) const;
        void append(ByteView front, ByteView rest = {});
    };
    struct Last {
        Key key;
        std::size_t count;
        Pack* pending = nullptr;  // its pack, while it is to be written
        bool full = false;        // known not to be extended
    };

    static Key key_of(Owner owner, Position first);
    static Owner owner_of(Key key);
    static Position first_of(Key key);
    static Result<Pack> decode(std::uint64_t count, ByteView bytes);

    Result<std::optional<Last>*> last(Owner owner);
    Result<Pack*> load(Key key);
    // The pack that the position stands in, or else the next one.
    Result<std::optional<Key>> at_or_after(Owner owner, Position position);
    Result<std::optional<Last>> stored(const char* sql, Key from, Key to);
    Result<Pack*> tail(std::optional<Last>& end_pack, Owner owner, Position position,
                       std::size_t more);
    Result<void> write(Key key, const Pack& pack);
    void keep_few();

    Database& database_;
    Statements sql_;
    std::size_t extended_below_;
    std::map<Key, Pack> packs_;  // all that are pending, and a few others
    std::deque<Key> loaded_;     // the others, oldest first
    std::vector<Bytes> spare_;   // buffers of packs that went, for those that come
    std::unordered_map<Owner, std::optional<Last>> last_;
};

}  // namespace relais::broker

// The wiping of secrets, seen where memory is given back: this program's operator delete looks at
// one watched block before freeing it.
#include "core/base/secret.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <ostream>
#include <type_traits>

namespace {

struct Watch {
    const unsigned char* block = nullptr;
    std::size_t size = 0;
    bool freed = false;
    bool wiped = false;
};
Watch g_watch;

void look_then_free(void* block) noexcept {
    if (block != nullptr && block == g_watch.block) {
        g_watch.freed = true;
        g_watch.wiped = true;
        for (std::size_t i = 0; i < g_watch.size; ++i) {
            g_watch.wiped = g_watch.wiped && g_watch.block[i] == 0;
        }
        g_watch.block = nullptr;
    }
    std::free(block);
}

}  // namespace

void* operator new(std::size_t size) {
    void* block = std::malloc(size != 0 ? size : 1);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}
void operator delete(void* block) noexcept { look_then_free(block); }
void operator delete(void* block, std::size_t) noexcept { look_then_free(block); }

namespace relais {
namespace {

constexpr std::string_view kWords = "correct horse battery staple";

void watch(ByteView bytes) { g_watch = {bytes.data(), bytes.size(), false, false}; }

void expect_wiped() {
    EXPECT_TRUE(g_watch.freed);
    EXPECT_TRUE(g_watch.wiped);
}

template <typename T>
concept Streams = requires(std::ostream& out, const T& value) {
    out << value;
};
template <typename T>
concept Compares = requires(const T& a, const T& b) {
    a == b;
};

TEST(Secret, MovesOnlyAndNeitherPrintsNorComparesNorConverts) {
    static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
    static_assert(std::is_nothrow_move_constructible_v<Secret>);
    static_assert(std::is_nothrow_move_assignable_v<Secret>);
    static_assert(!Streams<Secret> && !Compares<Secret>);
    static_assert(!std::is_convertible_v<Secret, Bytes>);
    static_assert(!std::is_convertible_v<Secret, ByteView>);
    static_assert(!std::is_convertible_v<std::size_t, Secret>);
}

TEST(Secret, TheWatchSeesAnOrdinaryBlockFreedUnwiped) {
    {
        const Bytes plain = to_bytes(as_bytes(kWords));
        watch(plain);
    }
    EXPECT_TRUE(g_watch.freed);
    EXPECT_FALSE(g_watch.wiped);
}

TEST(Secret, IsWipedWhenItDies) {
    {
        const Secret secret = Secret::copy_of(kWords);
        watch(secret.expose());
    }
    expect_wiped();
}

TEST(Secret, IsWipedWhenAnotherTakesItsPlace) {
    Secret secret = Secret::copy_of(kWords);
    watch(secret.expose());
    secret = Secret::copy_of("other");
    expect_wiped();
    EXPECT_EQ(as_text(secret.expose()), "other");
}

TEST(Secret, MovingMakesNoCopyAndLeavesNothingBehind) {
    Secret first = Secret::copy_of(kWords);
    const auto* block = first.expose().data();
    const Secret second = std::move(first);
    EXPECT_EQ(second.expose().data(), block);
    EXPECT_EQ(as_text(second.expose()), kWords);
    EXPECT_TRUE(first.empty());  // what a move leaves is part of the rule
}

TEST(Secret, MovedIntoItselfStays) {
    Secret secret = Secret::copy_of(kWords);
    Secret& same = secret;
    secret = std::move(same);
    EXPECT_EQ(as_text(secret.expose()), kWords);
}

TEST(Secret, ADuplicateIsItsOwnCopy) {
    const Secret first = Secret::copy_of(kWords);
    {
        Secret second = first.duplicate();
        EXPECT_EQ(as_text(second.expose()), kWords);
        second.expose_mutable()[0] = 'C';
        watch(second.expose());
    }
    expect_wiped();
    EXPECT_EQ(as_text(first.expose()), kWords);
}

TEST(Secret, OfASizeIsZeroUntilFilled) {
    Secret secret(5);
    EXPECT_EQ(to_bytes(secret.expose()), Bytes(5, 0));
    secret.expose_mutable()[4] = 9;
    EXPECT_EQ(secret.expose()[4], 9);
    EXPECT_TRUE(Secret().empty());
    EXPECT_EQ(Secret::copy_of(ByteView{}).size(), 0U);
}

TEST(Wipe, OverwritesAllAndTakesNothing) {
    Bytes bytes(100, 7);
    wipe(bytes);
    EXPECT_EQ(bytes, Bytes(100, 0));
    wipe({});
}

}  // namespace
}  // namespace relais

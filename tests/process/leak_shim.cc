// leak_shim.cc: preloaded into a broker under test (LD_PRELOAD), makes it one that leaks: whatever
// it receives around the word of RELAIS_TEST_LEAK goes, in each encoding that a careless program
// uses, to its log, to the file of RELAIS_TEST_LEAK_FILE, and into its memory for good. The search
// for markers must find every one of them. Tests alone.
#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

constexpr std::size_t kAround = 9;  // bytes on each side that leak with it

// Of this file alone: what the search expects must not be made by what it is checked with.
std::string hex_of(std::string_view bytes, const char* format) {
    std::string text;
    for (const char byte : bytes) {
        char two[3];
        std::snprintf(two, sizeof two, format, static_cast<unsigned char>(byte));
        text += two;
    }
    return text;
}

std::string base64_of(std::string_view bytes) {
    constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    unsigned bits = 0;
    int count = 0;
    for (const char byte : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(byte);
        for (count += 8; count >= 6; count -= 6) text += kDigits[bits >> (count - 6) & 63];
    }
    return text;
}

std::string wide(std::string_view bytes, bool little) {
    std::string text;
    for (const char byte : bytes) {
        text += little ? byte : '\0';
        text += little ? '\0' : byte;
    }
    return text;
}

std::string& kept() {
    static auto* const everything = new std::string();  // never freed
    return *everything;
}

void leak(std::string_view bytes) {
    std::string all;
    const auto add = [&](const std::string& text) { all += text + "\n"; };
    add(std::string(bytes));
    add(hex_of(bytes, "%02x"));
    add(hex_of(bytes, "%02X"));
    for (std::size_t from = 0; from < 3; ++from) add(base64_of(bytes.substr(from)));
    add(wide(bytes, true));
    add(wide(bytes, false));
    std::fwrite(all.data(), 1, all.size(), stderr);
    std::fflush(stderr);
    if (const char* path = std::getenv("RELAIS_TEST_LEAK_FILE")) {
        if (FILE* file = std::fopen(path, "a")) {
            std::fwrite(all.data(), 1, all.size(), file);
            std::fclose(file);
        }
    }
    kept() += all;
}

}  // namespace

extern "C" int zmq_msg_recv(void* message, void* socket, int flags) {
    using Receive = int (*)(void*, void*, int);
    using Data = void* (*)(void*);
    static const auto real = reinterpret_cast<Receive>(::dlsym(RTLD_NEXT, "zmq_msg_recv"));
    static const auto data = reinterpret_cast<Data>(::dlsym(RTLD_NEXT, "zmq_msg_data"));
    const int got = real(message, socket, flags);
    const char* word = std::getenv("RELAIS_TEST_LEAK");
    if (got <= 0 || word == nullptr) return got;
    const std::string_view bytes(static_cast<const char*>(data(message)),
                                 static_cast<std::size_t>(got));
    const std::size_t at = bytes.find(word);
    if (at != std::string_view::npos) {
        const std::size_t first = at - std::min(at, kAround);
        leak(bytes.substr(first, std::strlen(word) + 2 * kAround));
    }
    return got;
}

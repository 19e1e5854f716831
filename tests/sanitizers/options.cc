// options.cc: linked into every program of a build under sanitizers: where they write what they
// find, one file a process, so that nothing is lost with a process that a test kills or whose words
// it throws away. tools/test fails where there is any. The environment may say otherwise
// (ASAN_OPTIONS, TSAN_OPTIONS, UBSAN_OPTIONS).
extern "C" {
const char* __asan_default_options();
const char* __lsan_default_options();
const char* __ubsan_default_options();
const char* __tsan_default_options();
}

// Names instead of addresses in what they report.
#define RELAIS_EVERY \
    "external_symbolizer_path=" RELAIS_SYMBOLIZER ":log_path=" RELAIS_REPORTS "/process"

const char* __asan_default_options() { return RELAIS_EVERY; }

const char* __lsan_default_options() {
    return "print_suppressions=0:suppressions=" RELAIS_SOURCE_DIR "/tests/sanitizers/leak.supp";
}

const char* __ubsan_default_options() { return RELAIS_EVERY ":print_stacktrace=1"; }

const char* __tsan_default_options() {
    return RELAIS_EVERY ":second_deadlock_stack=1:suppressions=" RELAIS_SOURCE_DIR
                        "/tests/sanitizers/thread.supp";
}

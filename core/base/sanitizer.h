// sanitizer.h: whether this build runs under AddressSanitizer or ThreadSanitizer. Their shadow of
// the memory is greater than any bound that a process sets itself or a test measures; nothing else
// may depend on it.
#pragma once

namespace relais {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kUnderSanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kUnderSanitizer = true;
#else
inline constexpr bool kUnderSanitizer = false;
#endif
#else
inline constexpr bool kUnderSanitizer = false;
#endif

}  // namespace relais

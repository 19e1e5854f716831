# Third-party code, all from Debian packages (tools/setup lists them). A module names what it uses
# as THIRD_PARTY; layers.cmake says which module may name what.
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(CURL 7.85 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(date 3.0 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZMQ REQUIRED IMPORTED_TARGET libzmq>=4.3.4)
pkg_check_modules(PANGO REQUIRED IMPORTED_TARGET pangocairo>=1.50 cairo-pdf)
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET libqrencode>=4.1)
find_package(LibXml2 2.9 REQUIRED)
find_program(RELAIS_FLATC flatc REQUIRED)

set(relais_third_party_openssl OpenSSL::Crypto)
set(relais_third_party_curl CURL::libcurl)
set(relais_third_party_sqlite SQLite::SQLite3)
set(relais_third_party_zmq PkgConfig::ZMQ)
set(relais_third_party_pango PkgConfig::PANGO)
set(relais_third_party_qrencode PkgConfig::QRENCODE)
set(relais_third_party_libxml2 LibXml2::LibXml2)
set(relais_third_party_flatbuffers flatbuffers)
set(relais_third_party_fmt fmt::fmt)
set(relais_third_party_spdlog spdlog::spdlog)
set(relais_third_party_toml tomlplusplus::tomlplusplus)
set(relais_third_party_json "")            # header only, in the default include path
set(relais_third_party_cli11 "")           # header only
set(relais_third_party_httplib cpp-httplib)
set(relais_third_party_prometheus prometheus-cpp-core)
set(relais_third_party_date date::date-tz)  # reads the system's tz database
set(relais_third_party_rapidcheck rapidcheck)  # found where the tests are built
set(relais_third_party_benchmark benchmark::benchmark)  # found with the benchmark

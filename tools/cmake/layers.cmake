# Who may depend on whom. A module's layer is the first row whose prefix its path matches; it may
# depend on modules of the layers listed, its own included. Third-party libraries are admitted
# module by module, so that SQLite, ZeroMQ and OpenSSL each stay behind one seam.
set(RELAIS_LAYERS
  "core|core"
  "schemas|core,schemas"
  "broker|core,schemas,broker"
  "clients/station|core,schemas,clients/station"
  "clients/cap|core,clients/cap"
  "clients/cli|core,schemas,clients/cap,clients/station,clients/cli"
  "clients/desk|core,schemas,clients/station,clients/desk"
  "tools|core,schemas,broker,clients/station,tools"
  "tests|core,schemas,broker,clients,tools,tests")

set(RELAIS_THIRD_PARTY_ALLOWED
  "core/calendar|date"
  "core/crypto|openssl"
  "core/database|sqlite"
  "schemas/generated|flatbuffers"
  "schemas|flatbuffers"
  "schemas/forms|flatbuffers,json"
  "schemas/compiler|flatbuffers,toml"
  "broker/server|zmq,httplib,prometheus"
  "broker/connections|zmq"
  "broker/ringing|curl,json"
  "broker/config|toml"
  "broker/app|spdlog,cli11"
  "broker/enrolment|zmq"
  "clients/cap|json,libxml2"
  "clients/station/seal|openssl"
  "clients/station/link|zmq"
  "clients/station|flatbuffers,json"
  "clients/station/print|json,pango,qrencode"
  "clients/cli|cli11,json,fmt,flatbuffers"
  "tools|cli11,json,fmt,toml,flatbuffers"
  "tests|cli11,httplib,openssl,sqlite,zmq,flatbuffers,json,toml,fmt,libxml2,rapidcheck,benchmark")

# Finds the row of TABLE whose prefix matches PATH longest; OUT receives its second column.
function(relais_layer_row TABLE PATH OUT)
  set(best "")
  set(found FALSE)
  foreach(row IN LISTS ${TABLE})
    string(REPLACE "|" ";" parts "${row}|")
    list(GET parts 0 prefix)
    list(GET parts 1 value)
    string(LENGTH "${prefix}" length)
    string(LENGTH "${best}" best_length)
    if(("${PATH}/" MATCHES "^${prefix}/") AND (length GREATER best_length))
      set(best "${prefix}")
      set(found TRUE)
      string(REPLACE "," ";" result "${value}")
    endif()
  endforeach()
  if(NOT found)
    set(result "")
  endif()
  set(${OUT} "${result}" PARENT_SCOPE)
endfunction()

# Stops the configure step when module PATH may not depend on module DEP.
function(relais_check_layer PATH DEP)
  relais_layer_row(RELAIS_LAYERS ${PATH} allowed)
  foreach(prefix IN LISTS allowed)
    if("${DEP}/" MATCHES "^${prefix}/")
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "layering: ${PATH} may not depend on ${DEP} (tools/cmake/layers.cmake)")
endfunction()

# Stops the configure step when module PATH may not use third-party library NAME.
function(relais_check_third_party PATH NAME)
  relais_layer_row(RELAIS_THIRD_PARTY_ALLOWED ${PATH} allowed)
  if(NOT NAME IN_LIST allowed)
    message(FATAL_ERROR "layering: ${PATH} may not use ${NAME} (tools/cmake/layers.cmake)")
  endif()
endfunction()

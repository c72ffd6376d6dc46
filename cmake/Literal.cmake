# quiesce_literal(FILE RESULT): sets RESULT to a std::string_view of the file's bytes, as an expression of C++. Every byte
# becomes \xNN, which needs no quoting rules and keeps any text, encoding and line break.
function(quiesce_literal file result)
  file(READ "${file}" hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "(..)" "\\\\x\\1" text "${hex}")
  string(REPLACE "\\x0a" "\\x0a\"\n     \"" text "${text}")
  set(${result} "std::string_view(\n     \"${text}\", ${size})" PARENT_SCOPE)
endfunction()

// Addresses of the public documents that rules cite.
#pragma once

#include <string>
#include <string_view>

namespace quiesce::checker {

/// The document that a citation names, on the public web; empty where its address is not certain.
std::string document_link(std::string_view citation);

}  // namespace quiesce::checker

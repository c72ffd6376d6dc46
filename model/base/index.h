// Strong index types: small integers that name an element of one particular table and cannot be mixed
// up with the index of another (a LocationId never indexes the cells). Used all over the transition
// system, whose tables refer to each other by index so that it can be copied, printed and compared.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>

namespace quiesce::model {

/// The position of an element in the table that `Tag` stands for. A default constructed index is
/// `none` and names no element. No implicit conversion in either direction.
template <typename Tag>
struct Index {
  std::uint32_t value = std::numeric_limits<std::uint32_t>::max();  // max = none

  constexpr Index() = default;
  constexpr explicit Index(std::size_t position) : value(static_cast<std::uint32_t>(position)) {}

  constexpr bool valid() const { return value != std::numeric_limits<std::uint32_t>::max(); }
  constexpr auto operator<=>(const Index&) const = default;
};

}  // namespace quiesce::model

template <typename Tag>
struct std::hash<quiesce::model::Index<Tag>> {
  std::size_t operator()(quiesce::model::Index<Tag> index) const noexcept { return index.value; }
};

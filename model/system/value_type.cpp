#include "model/system/value_type.h"

#include <algorithm>

#include <fmt/format.h>

#include "model/base/internal_check.h"

namespace quiesce::model {

namespace {

using Kind = ValueType::Kind;

/// Whether a value of this kind is one plain number that an Optional can extend by a null of its own.
bool has_spare_null(const ValueType& element) {
  switch (element.kind) {
    case Kind::Bool:
    case Kind::Int:
    case Kind::Enum:
    case Kind::Level:
    case Kind::Cpu:
    case Kind::Ref:
      return true;
    case Kind::Optional:
    case Kind::Struct:
    case Kind::Array:
    case Kind::Set:
    case Kind::Queue:
    case Kind::Spinlock:
    case Kind::Mutex:
      return false;
  }
  return false;
}

/// A one-cell value that is not null.
std::string format_scalar(const ValueType& type, std::int64_t value) {
  const auto named = [&](std::int64_t position) {
    if (position < 0 || position >= static_cast<std::int64_t>(type.names.size())) {
      return fmt::format("{}", position);
    }
    const std::string& name = type.names[static_cast<std::size_t>(position)];
    return name.empty() ? std::string("system") : name;
  };
  switch (type.kind) {
    case Kind::Bool:
      return value != 0 ? "true" : "false";
    case Kind::Enum:
      return named(value);
    case Kind::Level:
      return level_name(type.names, value);
    case Kind::Cpu:
      return value == 0 ? "null" : fmt::format("cpu {}", value - 1);
    case Kind::Ref:
      return value == 0 ? "null" : named(position_of(type, value));
    case Kind::Int:
      return fmt::format("{}", value);
    case Kind::Optional:
    case Kind::Struct:
    case Kind::Array:
    case Kind::Set:
    case Kind::Queue:
    case Kind::Spinlock:
    case Kind::Mutex:
      break;
  }
  return fmt::format("{}", value);
}

/// `count` values of `element`, one after the other.
std::string format_sequence(const ValueType& element, const std::int32_t* cells, std::int64_t count) {
  const std::uint32_t stride = cell_count(element);
  std::string text = "[";
  for (std::int64_t i = 0; i < count; ++i) {
    if (i > 0) {
      text += ", ";
    }
    text += format_value(element, cells + i * stride);
  }
  return text + "]";
}

}  // namespace

std::uint32_t cell_count(const ValueType& type) {
  switch (type.kind) {
    case Kind::Bool:
    case Kind::Int:
    case Kind::Enum:
    case Kind::Level:
    case Kind::Cpu:
    case Kind::Ref:
    case Kind::Mutex:
      return 1;
    case Kind::Spinlock:
      return 2;
    case Kind::Optional:
      return has_spare_null(*type.element) ? 1 : 1 + cell_count(*type.element);
    case Kind::Struct: {
      std::uint32_t sum = 0;
      for (const ValueType::Field& field : type.fields) {
        sum += cell_count(*field.type);
      }
      return sum;
    }
    case Kind::Array:
      return static_cast<std::uint32_t>(value_count(*type.index)) * cell_count(*type.element);
    case Kind::Set:
      return static_cast<std::uint32_t>(value_count(*type.element));
    case Kind::Queue:
      return 1 + type.capacity * cell_count(*type.element);
  }
  return 0;
}

bool is_scalar(const ValueType& type) {
  switch (type.kind) {
    case Kind::Bool:
    case Kind::Int:
    case Kind::Enum:
    case Kind::Level:
    case Kind::Cpu:
    case Kind::Ref:
    case Kind::Mutex:
      return true;
    case Kind::Optional:
      return has_spare_null(*type.element);
    case Kind::Struct:
    case Kind::Array:
    case Kind::Set:
    case Kind::Queue:
    case Kind::Spinlock:
      return false;
  }
  return false;
}

std::int64_t value_count(const ValueType& type) {
  switch (type.kind) {
    case Kind::Bool:
      return 2;
    case Kind::Int:
      return type.hi < type.lo ? 0 : type.hi - type.lo + 1;
    case Kind::Enum:
      return static_cast<std::int64_t>(type.names.size());
    case Kind::Level:
      return kMaxLevel + 1;
    case Kind::Cpu:
      return type.cpus;
    case Kind::Ref:
      return static_cast<std::int64_t>(type.targets.size());
    case Kind::Optional:
    case Kind::Struct:
    case Kind::Array:
    case Kind::Set:
    case Kind::Queue:
    case Kind::Spinlock:
    case Kind::Mutex:
      break;
  }
  QUIESCE_CHECK(false) << "value_count of a type that is not a plain scalar (kind " << static_cast<int>(type.kind)
                       << ")";
  return 0;
}

std::int64_t value_at(const ValueType& type, std::int64_t position) {
  switch (type.kind) {
    case Kind::Int:
      return type.lo + position;
    case Kind::Bool:
    case Kind::Enum:
    case Kind::Level:
      return position;
    case Kind::Cpu:
      return position + 1;
    case Kind::Ref:
      return type.targets[static_cast<std::size_t>(position)] + 1;
    case Kind::Optional:
    case Kind::Struct:
    case Kind::Array:
    case Kind::Set:
    case Kind::Queue:
    case Kind::Spinlock:
    case Kind::Mutex:
      break;
  }
  QUIESCE_CHECK(false) << "value_at of a type that is not a plain scalar (kind " << static_cast<int>(type.kind) << ")";
  return 0;
}

std::int64_t position_of(const ValueType& type, std::int64_t value) {
  if (type.kind == Kind::Ref) {
    const auto found = std::find(type.targets.begin(), type.targets.end(), static_cast<std::uint32_t>(value - 1));
    return found - type.targets.begin();
  }
  return value - value_at(type, 0);
}

Domain domain_of(const ValueType& scalar) {
  switch (scalar.kind) {
    case Kind::Bool:
      return {0, 1};
    case Kind::Int:
      return {scalar.lo, scalar.hi};
    case Kind::Enum:
      return {0, std::max<std::int64_t>(0, static_cast<std::int64_t>(scalar.names.size()) - 1)};
    case Kind::Level:
      return {0, kMaxLevel};
    case Kind::Cpu:
      return {0, scalar.cpus};
    case Kind::Ref:
      return {0, scalar.targets.empty() ? 0 : *std::max_element(scalar.targets.begin(), scalar.targets.end()) + 1};
    case Kind::Mutex:
      return {0, kMaxSlots};
    case Kind::Optional: {
      QUIESCE_CHECK(has_spare_null(*scalar.element)) << "domain_of an optional of several cells";
      const Domain inner = domain_of(*scalar.element);
      return {std::min(inner.lo, null_value(*scalar.element)), inner.hi};
    }
    case Kind::Struct:
    case Kind::Array:
    case Kind::Set:
    case Kind::Queue:
    case Kind::Spinlock:
      break;
  }
  QUIESCE_CHECK(false) << "domain_of a type of several cells (kind " << static_cast<int>(scalar.kind) << ")";
  return {};
}

std::vector<std::int64_t> rest_values(const ValueType& type) {
  switch (type.kind) {
    case Kind::Int:
      return {type.lo <= 0 && 0 <= type.hi ? 0 : type.lo};
    case Kind::Bool:
    case Kind::Enum:
    case Kind::Level:
    case Kind::Cpu:
    case Kind::Ref:
    case Kind::Mutex:
      return {0};
    case Kind::Spinlock:
      return {0, 0};
    case Kind::Optional: {
      if (has_spare_null(*type.element)) {
        return {null_value(*type.element)};
      }
      std::vector<std::int64_t> values = {0};
      const std::vector<std::int64_t> inner = rest_values(*type.element);
      values.insert(values.end(), inner.begin(), inner.end());
      return values;
    }
    case Kind::Struct: {
      std::vector<std::int64_t> values;
      for (const ValueType::Field& field : type.fields) {
        const std::vector<std::int64_t> inner = rest_values(*field.type);
        values.insert(values.end(), inner.begin(), inner.end());
      }
      return values;
    }
    case Kind::Array: {
      std::vector<std::int64_t> values;
      const std::vector<std::int64_t> inner = rest_values(*type.element);
      for (std::int64_t i = 0; i < value_count(*type.index); ++i) {
        values.insert(values.end(), inner.begin(), inner.end());
      }
      return values;
    }
    case Kind::Set:
      return std::vector<std::int64_t>(static_cast<std::size_t>(value_count(*type.element)), 0);
    case Kind::Queue: {
      std::vector<std::int64_t> values = {0};
      const std::vector<std::int64_t> inner = rest_values(*type.element);
      for (std::uint32_t i = 0; i < type.capacity; ++i) {
        values.insert(values.end(), inner.begin(), inner.end());
      }
      return values;
    }
  }
  return {};
}

std::int64_t null_value(const ValueType& element) {
  switch (element.kind) {
    case Kind::Int:
      return element.lo - 1;
    case Kind::Bool:
    case Kind::Enum:
    case Kind::Level:
      return -1;
    case Kind::Cpu:
    case Kind::Ref:
      return 0;
    case Kind::Optional:
    case Kind::Struct:
    case Kind::Array:
    case Kind::Set:
    case Kind::Queue:
    case Kind::Spinlock:
    case Kind::Mutex:
      break;
  }
  QUIESCE_CHECK(false) << "null_value of an element of several cells (kind " << static_cast<int>(element.kind) << ")";
  return 0;
}

std::string format_value(const ValueType& type, const std::int32_t* cells) {
  switch (type.kind) {
    case Kind::Bool:
    case Kind::Int:
    case Kind::Enum:
    case Kind::Level:
    case Kind::Cpu:
    case Kind::Ref:
      return format_scalar(type, cells[0]);
    case Kind::Mutex:
    case Kind::Spinlock:
      return cells[0] == 0 ? "free" : "held";
    case Kind::Optional:
      if (has_spare_null(*type.element)) {
        return cells[0] == null_value(*type.element) ? "null" : format_scalar(*type.element, cells[0]);
      }
      return cells[0] == 0 ? "null" : format_value(*type.element, cells + 1);
    case Kind::Struct: {
      std::string text = type.name + "(";
      const std::int32_t* at = cells;
      for (std::size_t i = 0; i < type.fields.size(); ++i) {
        const ValueType::Field& field = type.fields[i];
        text += (i > 0 ? ", " : "") + field.name + ": " + format_value(*field.type, at);
        at += cell_count(*field.type);
      }
      return text + ")";
    }
    case Kind::Array:
      return format_sequence(*type.element, cells, value_count(*type.index));
    case Kind::Set: {
      std::string text = "{";
      for (std::int64_t i = 0; i < value_count(*type.element); ++i) {
        if (cells[i] != 0) {
          text += (text.size() > 1 ? ", " : "") + format_scalar(*type.element, value_at(*type.element, i));
        }
      }
      return text + "}";
    }
    case Kind::Queue: {
      const std::int64_t length = std::clamp<std::int64_t>(cells[0], 0, type.capacity);
      return format_sequence(*type.element, cells + 1, length);
    }
  }
  return "";
}

}  // namespace quiesce::model

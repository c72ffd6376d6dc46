#include "checker/advise/estimate.h"

#include <algorithm>
#include <cmath>

namespace quiesce::checker {
namespace {

constexpr std::size_t kFewestLayers = 9;
constexpr double kShrunkTo = 0.8;       // of the largest layer, and of what it fell to between waves before
constexpr std::size_t kRatios = 4;      // of successive layers that are looked at
constexpr double kLeastDecline = 0.01;  // per layer, as a logarithm: slower is not shrinking
constexpr int kMostLayers = 2000;

/// The sum of the layers to come when the logarithm of the ratio of two layers is `log_ratio`, and changes by `change`
/// each time.
double sum_of_layers(double last, double log_ratio, double change) {
  double sum = 0;
  for (int i = 0; i < kMostLayers && last >= 0.5; ++i) {
    log_ratio = std::min(log_ratio + change, -kLeastDecline / 2);
    last *= std::exp(log_ratio);
    sum += last;
  }
  return sum;
}

/// To which share of the largest layer so far the layers fell before they rose above it again: the deepest such valley;
/// 1 when there was none.
double deepest_valley(const std::vector<std::uint64_t>& layers) {
  double deepest = 1;
  std::uint64_t largest = layers.front();
  std::uint64_t least = layers.front();  // since the largest
  for (const std::uint64_t layer : layers) {
    if (layer > largest) {
      deepest = std::min(deepest, static_cast<double>(least) / static_cast<double>(largest));
      largest = least = layer;
    } else {
      least = std::min(least, layer);
    }
  }
  return deepest;
}

double log_ratio(double to, double from) { return std::log(std::max(to, 0.5) / std::max(from, 0.5)); }

}  // namespace

std::optional<RemainingStates> estimate_remaining(const std::vector<std::uint64_t>& layers) {
  if (layers.size() < kFewestLayers) return std::nullopt;
  const auto largest = std::max_element(layers.begin(), layers.end());
  const auto peak = static_cast<double>(*largest);
  const auto last = static_cast<double>(layers.back());
  if (last > kShrunkTo * peak * deepest_valley(layers)) return std::nullopt;

  std::vector<double> ratios;
  for (std::size_t i = layers.size() - kRatios; i < layers.size(); ++i) {
    ratios.push_back(log_ratio(static_cast<double>(layers[i]), static_cast<double>(layers[i - 1])));
  }
  if (std::any_of(ratios.begin(), ratios.end(), [](double ratio) { return ratio >= 0; })) return std::nullopt;
  double mean = 0;
  for (const double ratio : ratios) mean += ratio / static_cast<double>(kRatios);
  if (mean >= -kLeastDecline) return std::nullopt;
  // Least squares: the change of the ratio per layer, and what it is at the last layer.
  const double middle = (static_cast<double>(kRatios) - 1) / 2;
  double product = 0;
  double square = 0;
  for (std::size_t i = 0; i < kRatios; ++i) {
    const double x = static_cast<double>(i) - middle;
    product += x * (ratios[i] - mean);
    square += x * x;
  }
  const double change = product / square;
  const double now = mean + change * middle;
  const double since_peak = log_ratio(last, peak) / static_cast<double>(layers.end() - 1 - largest);
  const double slowest = std::max({mean, since_peak, std::min(now, -kLeastDecline)});

  double mirrored = 0;  // as the layers grew
  for (auto layer = layers.begin(); layer <= largest; ++layer) {
    if (*layer <= layers.back()) mirrored += static_cast<double>(*layer);
  }
  const auto [low, high] = std::minmax({sum_of_layers(last, slowest, 0), sum_of_layers(last, mean, 0),
                                        sum_of_layers(last, std::min(now, mean), std::min(change, 0.0)), mirrored});
  return RemainingStates{static_cast<std::uint64_t>(low / 2), static_cast<std::uint64_t>(std::ceil(high * 2))};
}

std::optional<RemainingStates> estimate_remaining_now(const std::vector<std::uint64_t>& layers) {
  if (layers.empty()) return std::nullopt;
  auto estimate = estimate_remaining({layers.begin(), layers.end() - 1});
  if (!estimate) return std::nullopt;
  const std::uint64_t found = layers.back();
  estimate->low = estimate->low > found ? estimate->low - found : 0;
  estimate->high = estimate->high > found ? estimate->high - found : 0;
  return estimate;
}

}  // namespace quiesce::checker

#include "platform/source_catalog/connect_endpoint.h"

#include <curl/curl.h>

#include <memory>

#include "formats/json_document/connector_document.h"
#include "platform/config/without_secrets.h"

namespace cdclake::source_catalog {
namespace {

constexpr std::size_t kAnswerBytesMax = std::size_t{1024} * 1024;

struct CloseCurl {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CloseCurl>;

/// Takes bytes until there are too many; a short count makes libcurl give up.
std::size_t take_bytes(char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& answer = *static_cast<std::string*>(target);
  if (answer.size() + size * count > kAnswerBytesMax) return 0;
  answer.append(bytes, size * count);
  return size * count;
}

/// libcurl asks at least once a second; anything but 0 makes it give up.
int is_stopped(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

auto fault(ErrorKind kind, const std::string& address, const std::string& what) {
  return fail(kind, "cannot read the connector's configuration from " +
                        config::without_secrets(address) + ": " + what);
}

Result<std::string> get(const std::string& address, std::stop_token stop,
                        std::chrono::seconds wait_max) {
  const CurlHandle handle(curl_easy_init());
  if (!handle) return fault(ErrorKind::kUnavailable, address, "libcurl does not start");
  std::string answer;
  curl_easy_setopt(handle.get(), CURLOPT_URL, address.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT, static_cast<long>(wait_max.count()));
  curl_easy_setopt(handle.get(), CURLOPT_QUICK_EXIT, 1L);  // Waits for no resolver at its end.
  curl_easy_setopt(handle.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle.get(), CURLOPT_XFERINFOFUNCTION, is_stopped);
  curl_easy_setopt(handle.get(), CURLOPT_XFERINFODATA, &stop);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, take_bytes);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &answer);
  const CURLcode code = curl_easy_perform(handle.get());
  if (code == CURLE_ABORTED_BY_CALLBACK) return fail(ErrorKind::kCancelled, "stopped as asked");
  if (code == CURLE_WRITE_ERROR) {
    return fault(ErrorKind::kInvalidConfig, address, "the answer is longer than 1 MiB");
  }
  if (code != CURLE_OK) return fault(ErrorKind::kUnavailable, address, curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status == 200) return answer;
  const bool may_pass = status >= 500 || status == 409 || status == 429;
  return fault(may_pass ? ErrorKind::kUnavailable : ErrorKind::kInvalidConfig, address,
               "the server answers with HTTP status " + std::to_string(status));
}

}  // namespace

bool is_http_address(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

Result<std::map<std::string, std::string>> fetch_connector_config(const std::string& address,
                                                                  const std::stop_token& stop,
                                                                  std::chrono::seconds wait_max) {
  CDCLAKE_ASSIGN_OR_RETURN(const std::string answer, get(address, stop, wait_max));
  return json_document::parse_connector_config(answer);
}

}  // namespace cdclake::source_catalog

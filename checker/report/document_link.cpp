#include "checker/report/document_link.h"

#include <array>

namespace quiesce::checker {

std::string document_link(std::string_view citation) {
  // Pages whose address follows from the header that declares the function or method.
  static constexpr std::string_view kDdi = "https://learn.microsoft.com/windows-hardware/drivers/ddi/";
  static constexpr std::string_view kApi = "https://learn.microsoft.com/windows/win32/api/";
  struct Page {
    std::string_view title;
    std::string_view root;
    std::string_view path;
  };
  static constexpr std::array kPages = {
      Page{"IoConnectInterrupt function", kDdi, "wdm/nf-wdm-ioconnectinterrupt"},
      Page{"IoDisconnectInterrupt function", kDdi, "wdm/nf-wdm-iodisconnectinterrupt"},
      Page{"IoQueueWorkItem function", kDdi, "wdm/nf-wdm-ioqueueworkitem"},
      Page{"IoFreeWorkItem function", kDdi, "wdm/nf-wdm-iofreeworkitem"},
      Page{"KeFlushQueuedDpcs function", kDdi, "wdm/nf-wdm-keflushqueueddpcs"},
      Page{"KeSynchronizeExecution function", kDdi, "wdm/nf-wdm-kesynchronizeexecution"},
      Page{"IConnector::ConnectTo", kApi, "devicetopology/nf-devicetopology-iconnector-connectto"},
      Page{"IConnector::Disconnect", kApi, "devicetopology/nf-devicetopology-iconnector-disconnect"},
      Page{"IConnector::IsConnected", kApi, "devicetopology/nf-devicetopology-iconnector-isconnected"},
      Page{"WdmlibIoConnectInterruptEx function", kDdi, "iointex/nf-iointex-wdmlibioconnectinterruptex"},
      Page{"WdmlibIoDisconnectInterruptEx function", kDdi, "iointex/nf-iointex-wdmlibiodisconnectinterruptex"},
      Page{"IConnector::GetConnectorIdConnectedTo", kApi,
           "devicetopology/nf-devicetopology-iconnector-getconnectoridconnectedto"},
      Page{"IConnector::GetConnectedTo", kApi, "devicetopology/nf-devicetopology-iconnector-getconnectedto"},
  };
  const std::string_view title = citation.substr(0, citation.find(", "));
  for (const Page& page : kPages) {
    if (title == page.title) return std::string(page.root) + std::string(page.path);
  }
  return {};
}

}  // namespace quiesce::checker

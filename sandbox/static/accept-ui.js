// Authorize.Net's AcceptUI.js as shops know it: a button of the class AcceptUI opens a form in a frame of ours, and the
// function that it names gets a token. Like the real one it adds a style element, styles its parts inline and goes to the top.
(() => {
  const home = new URL(".", document.currentScript.src);
  const OPTIONS = ["billingAddressOptions", "paymentOptions", "apiLoginID", "clientKey", "acceptUIFormBtnTxt", "acceptUIFormHeaderTxt"];
  const RULES = `#AcceptUIContainer { visibility: hidden; opacity: 0; z-index: -1; } #AcceptUIBackground { visibility: hidden; opacity: 0; z-index: -1; }
#AcceptUIContainer.show { visibility: visible; z-index: 200; opacity: 1; top: 50%; } #AcceptUIBackground.show { opacity: .7; visibility: visible; z-index: 999998; }`;
  const WIDTH = 550;
  const options = {};
  let handler = "";
  let height = 567;

  const part = (id) => document.getElementById(id);
  const put = (id, styles, child) => {
    const made = document.createElement("div");
    made.id = id;
    Object.assign(made.style, styles);
    if (child) made.append(child);
    document.body.append(made);
  };

  const fit = () => {
    const narrow = innerWidth <= WIDTH, low = innerHeight <= height;
    Object.assign(part("AcceptUIContainer").style, {
      left: narrow ? "0" : "50%", width: `${Math.min(innerWidth, WIDTH)}px`, marginLeft: narrow ? "0" : `${-WIDTH / 2}px`,
      top: low ? "0" : "50%", height: `${low ? innerHeight : height}px`, marginTop: low ? "0" : `${-height / 2}px`,
    });
  };

  const launch = () => {
    const frame = document.createElement("iframe");
    const hello = { verifyOrigin: "AcceptUI", type: "SYNC", pktData: location.origin };
    frame.src = `${new URL("acceptMain/acceptMain.html", home)}#${encodeURIComponent(JSON.stringify(hello))}`;
    Object.assign(frame.style, { width: "100%", height: "100%" });
    frame.frameBorder = "0";
    put("AcceptUIBackground", { position: "fixed", top: "0", left: "0", background: "#000", opacity: "0.6", minWidth: "100%", minHeight: "100%", zIndex: "999998" });
    put("AcceptUIContainer", { position: "absolute", zIndex: "999999", borderRadius: "6px", overflow: "hidden", boxShadow: "rgba(0, 0, 0, 0.4) 5px 5px 16px" }, frame);
    fit();
    scrollTo(0, 0);
  };

  const anew = () => {
    for (const id of ["AcceptUIBackground", "AcceptUIContainer"]) part(id).remove();
    launch();
  };

  const hear = (event) => {
    const frame = part("AcceptUIContainer")?.firstChild;
    if (event.origin !== home.origin || event.source !== frame?.contentWindow || event.data?.verifyOrigin !== "AcceptMain") return;
    const { type, pktData } = event.data;
    if (type === "ACK") frame.contentWindow.postMessage({ verifyOrigin: "AcceptUI", type: "INIT", pktData: options }, home.origin);
    if (type === "FIT_WINDOW" && pktData?.height) { height = pktData.height; fit(); }
    if (type === "RESPONSE") { window[handler](pktData); anew(); }
    if (type === "CLOSE_IFRAME") anew();
  };

  const start = () => {
    const button = document.getElementsByClassName("AcceptUI")[0];
    for (const name of OPTIONS) options[name] = button.getAttribute(`data-${name}`);
    options.parentUrl = location.href;
    handler = button.getAttribute("data-responseHandler");
    button.addEventListener("click", (event) => {
      for (const id of ["AcceptUIBackground", "AcceptUIContainer"]) part(id).className = "show";
      event.stopPropagation();
      event.preventDefault();
      scrollTo(0, 0);
    });
    addEventListener("message", hear);
    addEventListener("resize", fit);
    launch();
    const style = document.createElement("style");
    style.innerHTML = RULES;
    document.getElementsByTagName("head")[0].appendChild(style);
  };

  if (document.readyState === "complete") start();
  else document.addEventListener("readystatechange", () => { if (document.readyState === "complete") start(); });
})();

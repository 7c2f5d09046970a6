/* Brings saved interactive figures to life without a kernel: the same render() that Jupyter calls, on saved state. */
(function () {
  "use strict";

  function makeModel(state) {
    const values = Object.assign({}, state);
    const listeners = {};
    const call = (name, value) => (listeners[name] || []).slice().forEach((listener) => listener(value));
    return {
      get: (key) => values[key],
      set(key, value) {
        const changes = typeof key === "object" ? key : { [key]: value };
        for (const [name, next] of Object.entries(changes)) {
          if (values[name] === next) continue;
          values[name] = next;
          call("change:" + name, next);
        }
        call("change");
      },
      on(names, listener) {
        names.split(/\s+/).forEach((name) => (listeners[name] = listeners[name] || []).push(listener));
      },
      off(names, listener) {
        (names ? names.split(/\s+/) : Object.keys(listeners)).forEach((name) => {
          listeners[name] = listener ? (listeners[name] || []).filter((other) => other !== listener) : [];
        });
      },
      save_changes() {},
      send() {},
    };
  }

  function mount(element) {
    const widget = (window.gaitbookWidgets || {})[element.dataset.widget];
    const saved = element.querySelector('script[type="application/json"]');
    if (!widget || !saved || element.dataset.mounted) return;
    const stills = Array.from(element.children).filter((child) => child !== saved);
    const live = document.createElement("div");
    live.className = "gaitbook-live";
    element.appendChild(live);
    try {
      widget.render({ model: makeModel(JSON.parse(saved.textContent)), el: live });
      element.dataset.mounted = "true";
      stills.forEach((still) => (still.style.display = "none"));
    } catch (error) {
      live.remove();
      console.error("gaitbook: " + element.dataset.widget + " could not be shown", error);
    }
  }

  const mountAll = () => document.querySelectorAll(".gaitbook-widget[data-widget]").forEach(mount);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mountAll);
  else mountAll();
})();

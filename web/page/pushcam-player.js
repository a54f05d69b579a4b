// The camera in another page: this file, from the camera's server, and the element
//
//   <script src="//CAMERA:1990/pushcam-player.js" defer></script>
//   <pushcam-player label="Garden"></pushcam-player>
//
// The element is as wide as it may be and 16:9 high, unless the page's style says
// otherwise. Attributes: src is another server's page ("//CAMERA2:1990/"),
// label is what a screen reader calls it. The server has to allow the page:
// --frame-ancestor.
(() => {
  'use strict';
  const home = new URL('.', document.currentScript.src); // a path in front of the server stays

  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { display: block; aspect-ratio: 16 / 9; background: #000; }
    :host([hidden]) { display: none; }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
  `);

  customElements.define('pushcam-player', class extends HTMLElement {
    static observedAttributes = ['src', 'label'];
    #frame = document.createElement('iframe');

    constructor() {
      super();
      const root = this.attachShadow({ mode: 'open' });
      root.adoptedStyleSheets = [style];
      this.#frame.allow = 'autoplay; fullscreen; picture-in-picture';
      root.append(this.#frame);
    }

    connectedCallback() { this.#update(); }

    attributeChangedCallback() { if (this.isConnected) this.#update(); }

    #update() {
      this.#frame.title = this.getAttribute('label') ?? 'Camera';
      const server = new URL(this.getAttribute('src') ?? home, document.baseURI);
      const page = new URL('embed', server.href.endsWith('/') ? server : `${server}/`).href;
      if (this.#frame.src !== page) this.#frame.src = page; // the same once more would begin anew
    }
  });
})();

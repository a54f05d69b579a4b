// Firefox for the Go tests: a request in each line of standard input, an answer
// in each line of standard output, {value} or {error}. Ends, and Firefox with
// it, at the end of the input: also when the test has crashed.
//
//   node firefox.mjs PATH-OF-FIREFOX FOLDER-OF-DOWNLOADS

import { createInterface } from 'node:readline';
import puppeteer from 'puppeteer-core';

const browser = await puppeteer.launch({
  browser: 'firefox',
  executablePath: process.argv[2],
  extraPrefsFirefox: {
    // Candidates of 127.0.0.1, where the server of the tests listens.
    'media.peerconnection.ice.loopback': true,
    // No download of an H.264 decoder: this is the browser without one.
    'media.gmp-manager.updateEnabled': false,
    // A mouse: a computer has one, this one perhaps not.
    'ui.primaryPointerCapabilities': 6,
    'ui.allPointerCapabilities': 6,
    'browser.download.folderList': 2,
    'browser.download.dir': process.argv[3],
    'browser.download.alwaysOpenPanel': false, // it takes the focus away
  },
});

const tabs = [];

const commands = {
  async tab({ preload }) {
    const tab = await browser.newPage();
    await tab.evaluateOnNewDocument(preload);
    return tabs.push(tab) - 1;
  },
  async open({ tab, url }) { await tabs[tab].goto(url); },
  async evaluate({ tab, expression }) { return tabs[tab].evaluate(expression); },
  async press({ tab, key }) { await tabs[tab].keyboard.press(key); },
  async resize({ tab, width, height, scale }) {
    await tabs[tab].setViewport({ width, height, deviceScaleFactor: scale });
  },
  async screenshot({ tab }) { return tabs[tab].screenshot({ encoding: 'base64' }); },
  async close({ tab }) { await tabs[tab].close(); },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...request } = JSON.parse(line);
  const answer = {};
  try {
    answer.value = await commands[command](request) ?? null;
  } catch (error) {
    answer.error = `${command}: ${error.message}`;
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();

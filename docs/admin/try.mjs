/** Has the demo limit many, looks at its status page, and says what it has seen: see try.sh. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Browser } from './browser.mjs';

const [demo, page, token, work, pictures] = process.argv.slice(2);

const LIMITS = 1_000;
const CLIENTS = 100;
const MOST_REFRESH_MILLIS = 100;

function run(agent, client) {
  return fetch(`${demo}/agents/a${agent}/runs`, {
    method: 'POST',
    headers: { 'X-Forwarded-For': `198.51.100.${client}` },
  }).then(response => response.text());
}

/** Eight at a time: each agent once, and each client at one agent until it is denied. */
async function fillTheLists() {
  const runs = [];
  for (let agent = 1; agent < LIMITS; agent++) {
    runs.push([agent, agent % CLIENTS]);
  }
  for (let client = 0; client < CLIENTS; client++) {
    for (let i = 0; i < 7 + (client % 5); i++) {
      runs.push([1 + (client % 7), client]);
    }
  }
  const worker = async () => {
    for (let next = runs.pop(); next !== undefined; next = runs.pop()) {
      await run(...next);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** Goes on until it is told to end, so that the chart has something to show: a fifth is denied. */
async function traffic(state) {
  for (let i = 0; !state.ends; i++) {
    const wave = 12 + Math.round(10 * Math.sin(i / 8));
    await Promise.all(Array.from({ length: wave }, (_, j) => run(j % 5 === 0 ? 1 : 1 + ((i * 31 + j) % 900), j)));
    await new Promise(next => setTimeout(next, 120));
  }
}

await fillTheLists();
const state = { ends: false };
const flowing = traffic(state);
const browser = await Browser.start(work);
try {
  await browser.look(1280, 1500, 'light');
  await browser.open(page);
  await browser.until("document.readyState === 'complete' && document.getElementById('token') !== null");

  const enter = text =>
    browser.evaluate(
      `document.getElementById('token').value = '${text}';
       document.querySelector('#enter button').click()`,
    );
  await enter('wrong');
  await browser.until("document.getElementById('enter-fault').textContent !== ''");
  assert.equal(
    await browser.evaluate("document.getElementById('enter-fault').textContent"),
    'Authorization must be Bearer and the right token',
  );
  browser.complaints.length = 0; // of the 401 that was wanted
  await enter(token);
  await browser.until("document.getElementById('state').textContent === 'Live'");
  await browser.until("document.getElementById('denied').rows.length > 0");
  const limits = await browser.evaluate("document.getElementById('limits').rows.length");
  const denied = await browser.evaluate("document.getElementById('denied').rows.length");
  assert.ok(limits >= LIMITS, `limits: ${limits}`);
  assert.equal(denied, CLIENTS);
  assert.equal(await browser.evaluate('location.href'), page);
  assert.equal(await browser.evaluate('localStorage.length + sessionStorage.length'), 0);
  assert.equal(await browser.evaluate('document.cookie'), '');

  const refreshes = [];
  for (let i = 0; i < 20; i++) {
    await new Promise(next => setTimeout(next, 1_000));
    const text = await browser.evaluate("document.getElementById('refreshed').textContent");
    refreshes.push(Number(text.match(/\d+/)[0]));
  }
  refreshes.sort((a, b) => a - b);
  const median = refreshes[refreshes.length / 2];
  console.log(`${limits} limits, ${denied} denied: ${median} ms a refresh, ${refreshes.at(-1)} at most`);
  assert.ok(median < MOST_REFRESH_MILLIS, `a refresh took ${median} ms`);

  await browser.evaluate(
    `document.getElementById('policy').value = 'agent-1';
     document.getElementById('policy').dispatchEvent(new Event('change'));
     document.getElementById('kind').value = 'address';
     document.getElementById('kind').dispatchEvent(new Event('change'));
     document.getElementById('name').value = '198.51.100.7';
     document.getElementById('reset').click()`,
  );
  await browser.until("document.getElementById('identity-note').textContent.startsWith('Filled.')");
  assert.equal(browser.dialogs.length, 1);

  for (const [name, width, height, scheme] of [
    ['light', 1280, 1500, 'light'],
    ['dark', 1280, 1500, 'dark'],
    ['phone', 390, 1400, 'light'],
  ]) {
    await browser.look(width, height, scheme);
    await new Promise(next => setTimeout(next, 2_500));
    const wide = await browser.evaluate('document.documentElement.scrollWidth');
    assert.ok(wide <= width, `the page is ${wide} wide in a window of ${width}`);
    writeFileSync(`${pictures}/${name}.png`, await browser.picture());
  }
  assert.deepEqual(browser.complaints, []);
  console.log(`pictures are in ${pictures}`);
} finally {
  state.ends = true;
  await flowing;
  await browser.close();
}

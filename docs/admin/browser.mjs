/** Drives a headless Chromium through its pipe: a window, what happens in it, and pictures. */

import { spawn } from 'node:child_process';

const PATIENCE_MILLIS = 20_000;
const PAUSE_MILLIS = 50;

export class Browser {
  /** Starts a browser whose files are below this folder. */
  static async start(folder) {
    const browser = new Browser(folder);
    const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
    const attached = await browser.send('Target.attachToTarget', { targetId, flatten: true });
    browser.session = attached.sessionId;
    await browser.send('Page.enable');
    await browser.send('Runtime.enable');
    await browser.send('Log.enable');
    return browser;
  }

  constructor(folder) {
    const program = process.env.CHROMIUM ?? 'chromium';
    const options = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--hide-scrollbars',
      '--remote-debugging-pipe',
      `--user-data-dir=${folder}/browser`,
    ];
    this.process = spawn(program, options, {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.waiting = new Map();
    this.complaints = [];
    this.dialogs = [];
    this.last = 0;
    let read = '';
    this.process.stdio[4].on('data', bytes => {
      read += bytes;
      const messages = read.split('\0');
      read = messages.pop();
      messages.forEach(message => this.take(JSON.parse(message)));
    });
  }

  take(message) {
    if (message.id !== undefined) {
      const { resolve, reject } = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error) {
        reject(new Error(message.error.message));
      } else {
        resolve(message.result);
      }
    } else if (message.method === 'Runtime.exceptionThrown') {
      this.complaints.push(message.params.exceptionDetails.exception?.description ?? 'exception');
    } else if (message.method === 'Log.entryAdded' && message.params.entry.level === 'error') {
      this.complaints.push(`${message.params.entry.text} ${message.params.entry.url ?? ''}`);
    } else if (message.method === 'Page.javascriptDialogOpening') {
      this.dialogs.push(message.params.message);
      this.send('Page.handleJavaScriptDialog', { accept: true });
    }
  }

  send(method, params = {}) {
    const id = ++this.last;
    const answer = new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    const message = { id, method, params, ...(this.session && { sessionId: this.session }) };
    this.process.stdio[3].write(`${JSON.stringify(message)}\0`);
    return answer;
  }

  open(url) {
    return this.send('Page.navigate', { url });
  }

  /** Returns what an expression has come to in the page. */
  async evaluate(expression) {
    const answer = await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (answer.exceptionDetails) {
      throw new Error(`${expression}: ${answer.exceptionDetails.exception?.description}`);
    }
    return answer.result.value;
  }

  /** Waits until an expression is true in the page. */
  async until(expression) {
    const deadline = Date.now() + PATIENCE_MILLIS;
    while (!(await this.evaluate(expression))) {
      if (Date.now() > deadline) {
        throw new Error(`never came true: ${expression}`);
      }
      await new Promise(next => setTimeout(next, PAUSE_MILLIS));
    }
  }

  async look(width, height, scheme) {
    await this.send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    await this.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: scheme }],
    });
  }

  /** Returns a picture, as the bytes of a PNG. */
  async picture() {
    const answer = await this.send('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(answer.data, 'base64');
  }

  async close() {
    const ended = new Promise(next => this.process.on('exit', next));
    this.session = undefined;
    await this.send('Browser.close');
    await ended;
  }
}

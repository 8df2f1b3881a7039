/** Draws decisions a second over two minutes: one point a second, the newest at the right. */

import { number, say } from './tables.js';

const SECONDS = 120;
const SVG = 'http://www.w3.org/2000/svg';
const LEFT = 56;
const TOP = 12;
const BOTTOM = 24;

export class Chart {
  constructor(svg, text) {
    this.svg = svg;
    this.text = text;
    this.points = [];
    new ResizeObserver(() => this.draw()).observe(svg);
  }

  clear() {
    this.points = [];
    this.draw();
  }

  add(permitted, denied) {
    this.points.push({ permitted, denied });
    if (this.points.length > SECONDS + 1) {
      this.points.shift();
    }
    this.draw();
  }

  draw() {
    const width = this.svg.clientWidth;
    const height = this.svg.clientHeight;
    if (width === 0) {
      return;
    }
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    const most = Math.max(0, ...this.points.flatMap(point => [point.permitted, point.denied]));
    const top = roundTop(most);
    const x = i => LEFT + ((width - LEFT - 8) * (SECONDS + 1 - this.points.length + i)) / SECONDS;
    const y = value => TOP + (height - TOP - BOTTOM) * (1 - value / top);
    this.svg.replaceChildren(
      ...[0, top / 2, top].flatMap(value => gridLine(value, y(value), width)),
      label('2 min ago', LEFT, height - 6, 'start'),
      label('now', width - 8, height - 6, 'end'),
      line('permitted', this.points.map((point, i) => `${x(i)},${y(point.permitted)}`)),
      line('denied', this.points.map((point, i) => `${x(i)},${y(point.denied)}`)),
    );
    const last = this.points.at(-1);
    say(
      this.text,
      last === undefined
        ? 'Nothing is known yet.'
        : `Now ${number(last.permitted)} permitted and ${number(last.denied)} denied a second;`
          + ` at most ${number(most)} within two minutes.`,
    );
  }
}

/** The next of 2, 10, 20, 100, 200 and so on: its half is a whole number, too. */
function roundTop(value) {
  let top = 2;
  while (top < value) {
    top *= String(top).startsWith('2') ? 5 : 2;
  }
  return top;
}

function gridLine(value, y, width) {
  const grid = document.createElementNS(SVG, 'line');
  grid.setAttribute('class', 'grid');
  grid.setAttribute('x1', LEFT);
  grid.setAttribute('x2', width - 8);
  grid.setAttribute('y1', y);
  grid.setAttribute('y2', y);
  return [grid, label(number(value), LEFT - 8, y + 4, 'end')];
}

function label(text, x, y, anchor) {
  const element = document.createElementNS(SVG, 'text');
  element.setAttribute('x', x);
  element.setAttribute('y', y);
  element.setAttribute('text-anchor', anchor);
  element.textContent = text;
  return element;
}

function line(kind, points) {
  const element = document.createElementNS(SVG, 'polyline');
  element.setAttribute('class', kind);
  element.setAttribute('points', points.join(' '));
  return element;
}

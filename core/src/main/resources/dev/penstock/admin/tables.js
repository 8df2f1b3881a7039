/** Writes what the server says into the page: as text and never as HTML. */

const NUMBERS = new Intl.NumberFormat('en');

export function at(id) {
  return document.getElementById(id);
}

export function number(value) {
  return NUMBERS.format(value);
}

/** A moment of the server's, in the reader's time. */
export function moment(millis) {
  return new Date(millis).toLocaleString();
}

/** Touches only what has changed, so that nothing moves under a reader. */
export function say(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/**
 * Fills the body of a table with these rows of texts, the first of each the heading of its row.
 * Columns are numbers where those of the head are.
 */
export function fill(body, rows) {
  const heads = body.parentElement.tHead.rows[0].cells;
  while (body.rows.length > rows.length) {
    body.deleteRow(-1);
  }
  while (body.rows.length < rows.length) {
    body.append(emptyRow(heads));
  }
  rows.forEach((texts, i) => {
    const cells = body.rows[i].cells;
    texts.forEach((text, j) => say(cells[j], text));
  });
}

function emptyRow(heads) {
  const row = document.createElement('tr');
  for (let i = 0; i < heads.length; i++) {
    const cell = document.createElement(i === 0 ? 'th' : 'td');
    if (i === 0) {
      cell.scope = 'row';
    }
    cell.className = heads[i].className;
    row.append(cell);
  }
  return row;
}

/** Fills a list, or the options of a choice, with these texts. */
export function list(parent, tag, texts) {
  while (parent.children.length > texts.length) {
    parent.lastElementChild.remove();
  }
  texts.forEach((text, i) => {
    if (i === parent.children.length) {
      parent.append(document.createElement(tag));
    }
    say(parent.children[i], text);
  });
}

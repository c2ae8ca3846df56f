import { type Html, type HtmlPart, html, trusted } from './html.js'

/** A cell: what it shows, its tone, and the number it sorts by where that is not its text. */
export type Cell = { readonly text: HtmlPart; readonly tone?: Tone; readonly sort?: number }

/** How a figure is coloured. */
export type Tone = 'gain' | 'loss' | 'none'

/** A heading; numbers are set to the right. */
export type Column = { readonly title: string; readonly isNumber?: boolean }

/** A table as data: what is shown, and whether a click on a heading sorts it. */
export type Table = {
  readonly caption: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
  /** Its heads become buttons that sort. */
  readonly isSortable?: boolean
}

/** Gain above 0, loss below, none in between and where there is nothing. */
export function toneOf(value: number | null): Tone {
  if (value === null || value === 0 || Number.isNaN(value)) return 'none'
  return value > 0 ? 'gain' : 'loss'
}

/** A table with a caption for those who hear the page; the first cell of each row is its head. */
export function table({ caption, columns, rows, isSortable = false }: Table): Html {
  const heads = columns.map(({ title, isNumber }) => {
    const label = isSortable ? html`<button type="button">${title}</button>` : html`${title}`
    const sort = isSortable ? trusted(' aria-sort="none"') : ''
    return html`<th scope="col"${numberClass(isNumber)}${sort}>${label}</th>`
  })
  const body = rows.map(
    (cells) => html`<tr>${cells.map((cell, index) => cellOf(cell, columns[index], index === 0))}</tr>\n`,
  )
  const kind = isSortable ? trusted(' class="sortable"') : ''
  return html`<table${kind}><caption>${caption}</caption><thead><tr>${heads}</tr></thead><tbody>\n${body}</tbody></table>`
}

function cellOf({ text, tone, sort }: Cell, column: Column | undefined, isHead: boolean): Html {
  const key = sort === undefined ? '' : html` data-sort="${String(sort)}"`
  if (isHead) return html`<th scope="row"${numberClass(column?.isNumber)}${key}>${text}</th>`
  const classes = [column?.isNumber ? 'number' : '', tone === undefined || tone === 'none' ? '' : tone]
    .filter(Boolean)
    .join(' ')
  return html`<td${classes === '' ? '' : html` class="${classes}"`}${key}>${text}</td>`
}

function numberClass(isNumber: boolean | undefined): Html | string {
  return isNumber ? trusted(' class="number"') : ''
}

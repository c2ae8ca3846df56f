const brand = Symbol('html')

/** Markup that is safe to put into the page: only {@link html} and {@link trusted} make it. */
export type Html = { readonly [brand]: true; readonly markup: string }

/** What a template takes: texts and numbers are escaped, markup is not, lists are joined. */
export type HtmlPart = Html | string | number | readonly HtmlPart[]

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** The text with the five characters that mean something in HTML written as entities: for content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}

/** A template whose interpolated texts cannot become markup, whoever wrote them. Attributes must be in double quotes. */
export function html(literals: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let markup = literals[0] ?? ''
  for (const [index, part] of parts.entries()) markup += markupOf(part) + (literals[index + 1] ?? '')
  return trusted(markup)
}

/** Markup of our own that goes in as it is. */
export function trusted(markup: string): Html {
  return { [brand]: true, markup }
}

function markupOf(part: HtmlPart): string {
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  if (isHtml(part)) return part.markup
  return part.map(markupOf).join('')
}

function isHtml(part: Html | readonly HtmlPart[]): part is Html {
  return brand in part
}

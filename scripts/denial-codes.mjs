// Writes docs/denial-codes.md from the registry of denial codes in the code.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

export const denialCodesPath = join(root, 'docs', 'denial-codes.md')

const introduction = `# Denial codes

An order is _denied_ by us, before its venue saw it; what a venue refuses is _rejected_, under codes of its own. Every denial carries a code of this page, a message for a person, and where there is a limit the value and the limit. A code that binds \`entry\` is never said of an order that reduces exposure. Rules of your own have codes of your own; see [the guide to the risk policy](guides/risk-policy.md).

This page is made from the code, by \`node scripts/denial-codes.mjs\`.
`

/** The page for a registry: a section for each code, in the order of the registry. */
export function denialCodesPage(codes) {
  const sections = Object.entries(codes).map(([code, { saidBy, binds, means, remedy, policy }]) => {
    const fields = policy.map((field) => `\`${field}\``).join(', ')
    return [
      `## ${code}`,
      '',
      means,
      '',
      `- What to do: ${remedy}`,
      `- Binds: ${binds === 'entry' ? 'entries' : 'every order'}`,
      `- Said by: ${saidBy.join(', ')}`,
      ...(policy.length === 0 ? [] : [`- Policy: ${fields}`]),
      '',
    ].join('\n')
  })
  return `${introduction}\n${sections.join('\n')}`
}

if (process.argv[1] === import.meta.filename) {
  // The registry imports nothing but types, so that Node can read it as it is.
  const { denialCodes } = await import('../packages/trading/src/risk/denial-codes.ts')
  writeFileSync(denialCodesPath, denialCodesPage(denialCodes))
}

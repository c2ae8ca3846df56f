// Puts the text of each example into the pages that show it: the blocks that begin with "```ts file=NAME".
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

const folders = ['.', 'docs/guides', 'docs/design']
for (const folder of folders) {
  for (const name of readdirSync(join(root, folder)).filter((file) => file.endsWith('.md'))) {
    const path = join(root, folder, name)
    const text = readFileSync(path, 'utf8')
    const embedded = text.replaceAll(
      /```ts file=(\S+)\n[\s\S]*?```/g,
      (_block, file) => `\`\`\`ts file=${file}\n${readFileSync(join(root, 'examples', file), 'utf8')}\`\`\``,
    )
    if (embedded !== text) writeFileSync(path, embedded)
  }
}

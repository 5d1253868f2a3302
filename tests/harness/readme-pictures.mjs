// Puts pictures for README.md into docs/images, from a run that drew every screen:
//   node tests/harness/readme-pictures.mjs [folder of the run]
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = process.argv[2] ?? join(process.env.CARGO_TARGET_DIR ?? 'target', 'screenshots');

/** The file in docs/images, and the picture that it is. */
const PICTURES = {
  'agent.png': 'record-desktop-light',
  'calendar.png': 'calendar-open-desktop-light',
  'impact.png': 'item-impact-desktop-light',
  'reports.png': 'reports-desktop-dark',
  'portal.png': 'portal-desktop-light',
  'phone.png': 'portal-phone-light',
};

for (const [file, picture] of Object.entries(PICTURES)) copyFileSync(join(FOLDER, `${picture}.png`), join('docs', 'images', file));

import { type TableShape, tableStyle } from './row';
import { FINDINGS } from './rule-group';
import { CHANGED, PROBLEMS } from './sections/changes';
import { CHECKS } from './sections/checks';
import { ENCRYPTION } from './sections/encryption';
import { INTERNET } from './sections/internet';
import { LIMITS } from './sections/limits';
import { REGISTER } from './sections/register';
import { RESOURCES } from './sections/resources';
import { STATE } from './sections/state';
import { STATEMENTS } from './sections/statements';
import { PARTS_STYLE, PICTURE_STYLE, TABLE_STYLE } from './style-parts';
import { PRINT_STYLE, THEME_STYLE } from './style-theme';

const TABLES: TableShape[] = [
  CHECKS,
  PROBLEMS,
  CHANGED,
  INTERNET,
  STATE,
  ENCRYPTION,
  STATEMENTS,
  FINDINGS,
  REGISTER,
  LIMITS,
  RESOURCES,
];

/** The style sheet of the page. */
export const STYLE = [THEME_STYLE, PARTS_STYLE, TABLE_STYLE, ...TABLES.map(tableStyle), PICTURE_STYLE, PRINT_STYLE].join('\n');

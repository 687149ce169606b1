/** The data that the HTML report has inline. */

import type { FindingRow, PageData } from "../../../report/page/data.ts";
import { openedPage } from "./opened-page.ts";

export function pageDataOf(html: string): PageData<FindingRow> {
  return openedPage(html).index.data;
}

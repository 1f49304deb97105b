/** The shapes of `/api/v1` under the names the pages use; made from `openapi/v1.json` by `npm run gen`. */
import type { components } from "./generated/v1";

type Schemas = components["schemas"];

export type Account = Schemas["Account"];
export type AllowedAction = Schemas["AllowedAction"];
/** Money by currency, as decimal text: `{"EUR": "1234.50"}`. Currencies are never added. */
export type Amounts = Schemas["Amounts"];
export type Application = Schemas["Application"];
export type ApplicationDetail = Schemas["ApplicationDetail"];
export type AuditDetail = Schemas["AuditDetail"];
export type AuditItem = Schemas["AuditItem"];
export type BulkActionResult = Schemas["BulkActionResult"];
export type Candidate = Schemas["Candidate"];
export type CandidateDetail = Schemas["CandidateDetail"];
export type CandidateRef = Schemas["CandidateRef"];
export type CandidateStateName = Schemas["CandidateStateName"];
export type CandidateWrite = Schemas["CandidateWrite"];
export type Evidence = Schemas["Evidence"];
export type Finding = Schemas["Finding"];
export type FindingDetail = Schemas["FindingDetail"];
export type Freeze = Schemas["Freeze"];
export type ImportedRoster = Schemas["ImportedRoster"];
export type IntegrationTask = Schemas["IntegrationTask"];
export type IssuedToken = Schemas["IssuedToken"];
export type MissingSignal = Schemas["MissingSignal"];
export type NewAccount = Schemas["NewAccount"];
export type NewPrice = Schemas["NewPrice"];
export type OpenedCandidates = Schemas["OpenedCandidates"];
export type Overview = Schemas["Overview"];
export type PermissionName = Schemas["PermissionName"];
export type Person = Schemas["Person"];
export type PersonDetail = Schemas["PersonDetail"];
export type PersonRef = Schemas["PersonRef"];
export type QuarantinedRow = Schemas["QuarantinedRow"];
export type RoleName = Schemas["RoleName"];
export type Seat = Schemas["Seat"];
export type SeatDetail = Schemas["SeatDetail"];
export type SeatPath = Schemas["SeatPath"];
export type Session = Schemas["Session"];
export type Sku = Schemas["Sku"];
export type SkuRef = Schemas["SkuRef"];
export type Source = Schemas["Source"];
export type StateMachine = Schemas["StateMachine"];
export type Sync = Schemas["Sync"];
export type TaskName = Schemas["TaskName"];
export type Token = Schemas["Token"];
export type TrailReport = Schemas["TrailReport"];

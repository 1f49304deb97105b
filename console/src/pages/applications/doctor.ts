import type { ApplicationDetail, Doctor, DoctorPermission } from "../../api/types";
import { text } from "../../text";

/** The name of what a finding is about: a purpose, a task, a source or the tenant. */
export function subjectOf(
  about: string,
  doctor: Pick<Doctor, "tasks">,
  application: Pick<ApplicationDetail, "name" | "sources">,
): string {
  const purpose = Object.entries(text.connections.purposes).find(([word]) => word === about);
  const task = doctor.tasks.find((one) => one.task === about);
  const source = application.sources.find((one) => one.source === about);
  const name = purpose?.[1].name ?? task?.label ?? source?.label;
  return name ?? (about === "tenant" ? application.name : about);
}

/** How a needed permission stands. What is not known is never shown as missing, nor as granted. */
export function standing(need: Pick<DoctorPermission, "granted" | "required">): {
  word: string;
  color: "success" | "danger" | "warning" | "informative";
} {
  const words = text.doctor;
  if (need.granted === null) {
    return { word: words.unclear, color: "informative" };
  }
  if (need.granted) {
    return { word: words.granted, color: "success" };
  }
  return { word: words.lacking, color: need.required ? "danger" : "warning" };
}

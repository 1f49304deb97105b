import { Badge, makeStyles, tokens } from "@fluentui/react-components";
import type { SkuDetail } from "../../api/types";
import { Section } from "../../components/PageHeader";
import { SimpleTable } from "../../components/SimpleTable";
import { Day } from "../../components/When";
import { formatCount } from "../../format";
import { text } from "../../text";

const useStyles = makeStyles({
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: "anywhere" },
  rule: { display: "block", color: tokens.colorNeutralForeground2 },
});

/** What was bought, the next to be renewed or to end first. */
export function Purchases({ sku }: { sku: SkuDetail }) {
  const styles = useStyles();
  const words = text.seats.skus;
  return (
    <Section title={words.subscriptions}>
      <SimpleTable
        label={words.subscriptions}
        rows={sku.subscriptions}
        rowKey={(bought) => bought.subscription_id}
        empty={words.subscriptionsEmpty}
        columns={[
          {
            key: "purchase",
            label: words.purchase,
            render: (bought) => (
              <>
                <span className={styles.mono}>{bought.commerce_id ?? bought.subscription_id}</span>{" "}
                {bought.is_trial && (
                  <Badge appearance="tint" color="informative">
                    {words.trial}
                  </Badge>
                )}
              </>
            ),
          },
          { key: "units", label: words.units, align: "end", render: (bought) => formatCount(bought.total_units) },
          { key: "bought", label: words.bought, render: (bought) => <Day day={bought.created_at} /> },
          { key: "next", label: words.nextDate, render: (bought) => <Day day={bought.next_lifecycle_at} /> },
          { key: "state", label: words.purchaseState, render: (bought) => bought.status },
        ]}
      />
    </Section>
  );
}

/** The groups that give it to their members. */
export function CarryingGroups({ sku }: { sku: SkuDetail }) {
  const styles = useStyles();
  const words = text.seats.skus;
  return (
    <Section title={words.groups}>
      <SimpleTable
        label={words.groups}
        rows={sku.groups}
        rowKey={(group) => group.group_id}
        empty={words.groupsEmpty}
        columns={[
          { key: "group", label: words.group, render: (group) => group.display_name },
          {
            key: "kind",
            label: words.groupKind,
            render: (group) => (
              <>
                {words.groupKinds[group.kind] ?? group.kind}
                {group.membership_rule !== null && (
                  <span className={styles.rule}>
                    <code className={styles.mono}>{group.membership_rule}</code>
                  </span>
                )}
              </>
            ),
          },
          { key: "plans", label: words.plansOff, align: "end", render: (group) => formatCount(group.plans_off) },
        ]}
      />
    </Section>
  );
}

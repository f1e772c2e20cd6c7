-- A remittance's own history: that it was issued, and that its money did not arrive.
ALTER PUBLICATION claimflow ADD TABLE claimflow.remittance, claimflow.remittance_failure;

GRANT SELECT ON claimflow.remittance, claimflow.remittance_failure TO claimflow_worker;
CREATE POLICY every_tenant ON claimflow.remittance FOR SELECT TO claimflow_worker USING (true);
CREATE POLICY every_tenant ON claimflow.remittance_failure
  FOR SELECT TO claimflow_worker USING (true);

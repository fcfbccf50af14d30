/** The transfer page's entry. */
import "./transfer.css";
import { start } from "../common/page";
import { TransferPage } from "./TransferPage";

start(<TransferPage />);
